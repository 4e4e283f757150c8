import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { freePort } from '../../scripts/services/throwaway.mjs';
import { eventually } from './eventually.js';
import type { Installation } from './installation.js';

const START_TIMEOUT_MS = 30_000;

/** One more server beside that of an installation, on the same database, NATS and data folder. */
export class SecondServer implements AsyncDisposable {
  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
  ) {}

  /** Started as the first one was, on a port of its own. */
  static async beside(installation: Installation): Promise<SecondServer> {
    const { pid } = await installation.process('server');
    const [command = '', ...args] = await fields(pid, 'cmdline');
    const env = Object.fromEntries((await fields(pid, 'environ')).map((line) => splitAt(line, line.indexOf('='))));
    delete env.NODE_CHANNEL_FD; // the launcher's, which is not listening for this one
    const port = await freePort();
    const child = spawn(command, args, { env: { ...env, PORT: String(port) }, stdio: 'ignore' });
    const server = new SecondServer(port, child);
    try {
      await eventually('the second server to be ready', START_TIMEOUT_MS, async () => (await fetch(`${server.url}/readyz`)).ok);
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Ctrl-C; resolves when it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

const fields = async (pid: number, file: string): Promise<string[]> =>
  (await readFile(`/proc/${pid}/${file}`, 'utf8')).split('\0').filter(Boolean);
const splitAt = (line: string, at: number): [string, string] => [line.slice(0, at), line.slice(at + 1)];
