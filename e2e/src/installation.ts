import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freePort } from '../../scripts/services/throwaway.mjs';
import { Api } from './api.js';
import { eventually } from './eventually.js';
import { isRunning, type ProcessName, processesOf } from './processes.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
/** Of this worker alone: while an installation is down, the one beside it would take its environments' ports. */
const ENVIRONMENT_PORTS = `${20_000 + Number(process.env.VITEST_POOL_ID) * 100}-${20_099 + Number(process.env.VITEST_POOL_ID) * 100}`;
/** A process that is told to end needs a moment until it is gone. */
const GONE_MS = 3_000;

export type Program = 'server' | 'agent' | 'router' | 'nats-server' | 'Postgres';
type Services = { databaseUrl: string; natsUrl: string; processes: Record<Program, { pid: number; startTime: string }> };

/** Everything `npm start` starts, in a data folder of its own, and ways to hurt it. */
export class Installation implements AsyncDisposable {
  private child: ChildProcess | undefined;
  private readonly seen = new Map<string, ProcessName>();
  output = '';
  signInLink = '';

  private constructor(
    readonly dataDir: string,
    readonly port: number,
    readonly token: string,
    private readonly env: Record<string, string>,
  ) {}

  /** Running, and with its agent ready for work. */
  static async create(env: Record<string, string> = {}): Promise<Installation> {
    const dataDir = await mkdtemp(join(tmpdir(), 'slipway-e2e-'));
    const installation = new Installation(dataDir, await freePort(), `slp_${randomBytes(24).toString('hex')}`, env);
    try {
      await installation.start();
      return installation;
    } catch (error) {
      await installation.destroy();
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get api(): Api {
    return new Api(this.url, this.token);
  }

  /** Resolves when `npm start` has said its line and the agent is ready; rejects with the whole output when it ends before. */
  async start(): Promise<void> {
    this.output = '';
    const child = spawn('npm', ['start', '--silent'], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PORT: String(this.port),
        SLIPWAY_DATA_DIR: this.dataDir,
        SLIPWAY_ADMIN_TOKEN: this.token,
        SLIPWAY_ENVIRONMENT_PORTS: ENVIRONMENT_PORTS,
        ...this.env,
      },
    });
    this.child = child;
    const endWithUs = () => this.signalGroup('SIGTERM');
    process.once('exit', endWithUs);
    child.once('exit', () => process.off('exit', endWithUs));
    this.signInLink = await signInLinkOf(child, (chunk) => (this.output += chunk));
    await this.api.agentReady();
  }

  /** What `npm start` notes of its processes. */
  async services(): Promise<Services> {
    return JSON.parse(await readFile(join(this.dataDir, 'services.json'), 'utf8')) as Services;
  }

  async process(program: Program): Promise<ProcessName> {
    return { command: program, ...(await this.services()).processes[program] };
  }

  /** The one that starts ended programs again. */
  async launcher(): Promise<ProcessName> {
    return {
      command: 'launcher',
      ...(JSON.parse(await readFile(join(this.dataDir, 'lock.json'), 'utf8')) as Omit<ProcessName, 'command'>),
    };
  }

  /** @returns the process that was hit */
  async signal(program: Program, signal: NodeJS.Signals): Promise<ProcessName> {
    this.noteProcesses();
    const found = await this.process(program);
    process.kill(found.pid, signal);
    return found;
  }

  /** kill -9. Resolves when it is gone. */
  async kill(program: Program): Promise<ProcessName> {
    const killed = await this.signal(program, 'SIGKILL');
    await eventually(`the end of the killed ${program}`, 5_000, async () => !isRunning(killed));
    return killed;
  }

  /** Resolves once the launcher has started another in the place of a killed one. */
  async startedAgain(before: ProcessName): Promise<ProcessName> {
    return eventually(`a new ${before.command} in the place of the killed one`, 20_000, async () => {
      const now = await this.process(before.command as Program);
      return now.pid !== before.pid && isRunning(now) ? now : null;
    });
  }

  /** Kills it and waits until everything works again. */
  async killAndRecover(program: Program): Promise<void> {
    const killed = await this.kill(program);
    await this.startedAgain(killed);
    await this.ready();
  }

  /** Kills it and keeps it away while `meanwhile` goes on; then the launcher may start it again. */
  async whileAway(program: Program, meanwhile: () => Promise<void>): Promise<void> {
    const launcher = await this.launcher();
    process.kill(launcher.pid, 'SIGSTOP');
    try {
      const killed = await this.kill(program);
      await meanwhile();
      process.kill(launcher.pid, 'SIGCONT');
      await this.startedAgain(killed);
    } finally {
      process.kill(launcher.pid, 'SIGCONT');
    }
  }

  async ready(): Promise<void> {
    await eventually('the server to be ready', 60_000, async () => (await fetch(`${this.url}/readyz`)).ok);
    await this.api.agentReady();
  }

  /** Straight from the database, for what the API does not tell. */
  async sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: (await this.services()).databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Remembers what runs, so that what a killed one leaves behind is known by name. */
  noteProcesses(): void {
    for (const found of processesOf(this.dataDir, this.child?.pid)) this.seen.set(`${found.pid} ${found.startTime}`, found);
  }

  /** Ctrl-C. Resolves when npm and the launcher have ended; after {@link STOP_TIMEOUT_MS} they are killed. */
  async stop(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.noteProcesses();
    const launcher = await this.launcher().catch(() => null);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    this.signalGroup('SIGINT');
    const timer = setTimeout(() => this.signalGroup('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    // npm itself ends with the signal; the launcher stops everything in order first.
    if (launcher) await eventually('the end of the launcher', STOP_TIMEOUT_MS, async () => !isRunning(launcher)).catch(() => undefined);
    clearTimeout(timer);
  }

  /** What still runs though it was stopped, after a moment's grace. */
  async leftBehind(): Promise<ProcessName[]> {
    const left = () => {
      this.noteProcesses();
      return [...this.seen.values()].filter(isRunning);
    };
    await eventually('the end of all processes', GONE_MS, async () => left().length === 0).catch(() => undefined);
    return left();
  }

  /** Stops it and removes its folder (`SLIPWAY_E2E_KEEP=1` keeps it, for a look at its logs). @throws Error when processes were left behind; they are ended here */
  async destroy(): Promise<void> {
    await this.stop();
    const left = await this.leftBehind();
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    if (process.env.SLIPWAY_E2E_KEEP) console.log(`kept: ${this.dataDir}`);
    else await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
    if (left.length > 0)
      throw new Error(`Left behind by npm start:\n${left.map(({ pid, command }) => `${pid} ${command}`).join('\n')}\n${this.output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy();
  }

  private signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-(this.child?.pid as number), signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function signInLinkOf(child: ChildProcess, onOutput: (chunk: Buffer) => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why: string) => reject(new Error(`npm start ${why}:\n${output}`));
    const timer = setTimeout(() => fail(`said no address within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
    const listen = (chunk: Buffer) => {
      output = onOutput(chunk);
      const link = /https?:\/\/\S+\/sign-in\?link=\S+/.exec(output)?.[0];
      if (!link) return;
      clearTimeout(timer);
      resolve(link);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', listen);
  });
}
