import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/bootstrap/paths.mjs';
import { Api } from './api.ts';
import { freePort } from './wait.ts';

const START_TIMEOUT_MS = 120_000;

/** What `npm start` writes about what it runs. */
export type Services = { databaseUrl: string; natsUrl: string; processes: Record<ProcessName, { pid: number }> };
export type ProcessName = 'server' | 'agent' | 'router' | 'nats-server' | 'Postgres';

/** Everything that `npm start` starts, in a data folder of its own that is removed in the end. */
export class Installation implements AsyncDisposable {
  readonly dataDir: string;
  readonly url: string;
  readonly token: string;
  /** Why the start was not what it should be, in npm start's own words. */
  output = '';
  private readonly env: Record<string, string>;
  private child: ChildProcess | null = null;

  private constructor(dataDir: string, port: number, env: Record<string, string>) {
    this.dataDir = dataDir;
    this.url = `http://127.0.0.1:${port}`;
    this.token = `slp_${randomBytes(24).toString('hex')}`;
    this.env = { PORT: String(port), SLIPWAY_DATA_DIR: dataDir, SLIPWAY_ADMIN_TOKEN: this.token, ...env };
  }

  /** Prepared; {@link start} starts it. */
  static async create(env: Record<string, string> = {}): Promise<Installation> {
    return new Installation(await mkdtemp(join(tmpdir(), 'slipway-bench-')), await freePort(), env);
  }

  /** Running, and with its agent ready for work. */
  static async running(env: Record<string, string> = {}): Promise<Installation> {
    const installation = await Installation.create(env);
    try {
      await installation.start();
      await installation.api.agentReady();
      return installation;
    } catch (error) {
      await installation[Symbol.asyncDispose]();
      throw error;
    }
  }

  get api(): Api {
    return new Api(this.url, this.token);
  }

  /** Resolves once `npm start` has said its line. */
  async start(): Promise<void> {
    this.output = '';
    const child = spawn('npm', ['start', '--silent'], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.env },
    });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`npm start ${why}:\n${this.output}`));
      const timer = setTimeout(() => fail(`said no address within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
      const read = (chunk: Buffer) => {
        this.output += chunk;
        if (!this.output.includes('/sign-in?link=')) return;
        clearTimeout(timer);
        resolve();
      };
      for (const stream of [child.stdout, child.stderr]) stream.on('data', read);
      child.once('exit', (code) => fail(`ended with ${code}`));
    });
  }

  async services(): Promise<Services> {
    return JSON.parse(await readFile(join(this.dataDir, 'services.json'), 'utf8')) as Services;
  }

  async pidOf(name: ProcessName): Promise<number> {
    return (await this.services()).processes[name].pid;
  }

  /** Pid of npm, whose descendants are all that this installation is. */
  get rootPid(): number {
    return this.child?.pid as number;
  }

  /** Ctrl-C. */
  async stop(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    process.kill(-(child.pid as number), 'SIGINT');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
