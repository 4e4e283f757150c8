import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Api } from './api.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const START_TIMEOUT_MS = 120_000;

/** Everything `npm start` starts, in a data folder of its own, and ways to hurt it. */
export class Installation {
  private child: ChildProcess | undefined;
  output = '';
  signInLink = '';

  private constructor(
    readonly dataDir: string,
    readonly port: number,
    readonly token: string,
    private readonly env: Record<string, string>,
  ) {}

  static async create(env: Record<string, string> = {}): Promise<Installation> {
    const dataDir = await mkdtemp(join(tmpdir(), 'slipway-e2e-'));
    const installation = new Installation(dataDir, await freePort(), `slp_${randomBytes(24).toString('hex')}`, env);
    await installation.start();
    return installation;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get api(): Api {
    return new Api(this.url, this.token);
  }

  /** Resolves when `npm start` has printed its line; rejects with the whole output when it ends before. */
  async start(): Promise<void> {
    this.output = '';
    this.child = spawn('npm', ['start', '--silent'], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PORT: String(this.port), SLIPWAY_DATA_DIR: this.dataDir, SLIPWAY_ADMIN_TOKEN: this.token, ...this.env },
    });
    const child = this.child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (this.output += chunk));
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`npm start said no address within ${START_TIMEOUT_MS} ms:\n${this.output}`)),
        START_TIMEOUT_MS,
      );
      child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${this.output}`)));
      child.stdout?.on('data', () => {
        const link = /https?:\/\/\S+\/sign-in\?link=\S+/.exec(this.output)?.[0];
        if (!link) return;
        clearTimeout(timer);
        this.signInLink = link;
        resolve();
      });
    });
  }

  /** Ctrl-C. Resolves with the exit code. */
  async stop(): Promise<number | null> {
    const child = this.child;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    process.kill(-(child.pid as number), 'SIGINT');
    return ended;
  }

  async destroy(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy();
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
