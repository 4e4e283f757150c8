import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The real router, as a process of its own. */
export class RouterProcess {
  private child: ChildProcess | null = null;

  constructor(private readonly dir: string) {}

  get socket(): string {
    return join(this.dir, 'control.sock');
  }

  async start(): Promise<void> {
    this.child = spawn(process.execPath, [join(import.meta.dirname, '../../../../router/dist/main.js')], {
      env: { SLIPWAY_ROUTER_DIR: this.dir, SLIPWAY_ROUTER_SOCKET: this.socket, SLIPWAY_LOG_LEVEL: 'error' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await once(this.child, 'message');
  }

  /** A new router on a new disk. */
  async forgetAll(): Promise<void> {
    await this.stop();
    await rm(join(this.dir, 'environments'), { recursive: true });
    await this.start();
  }

  /** HAProxy goes on serving. */
  async kill(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Ends HAProxy too, also one that a killed router has left. */
  async stop(): Promise<void> {
    if (!this.child) await this.start();
    const child = this.child as ChildProcess;
    this.child = null;
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  }
}
