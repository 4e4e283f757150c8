import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process of the bench's own: says one message when it is ready, and ends when it is killed or its parent does. */
export class Program implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;

  constructor(name: string, args: string[] = []) {
    this.child = fork(join(import.meta.dirname, '../programs', name), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.ready = once(this.child, 'message').then(([message]) => message as unknown);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
