import { execFile } from 'node:child_process';
import { chownSync, constants, mkdirSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SandboxUser } from './sandbox.js';

/** The way out of a process: the end to hand to it and then to close, and the stream that reads what it writes. */
export type OutputPipe = { writeEnd: number; stream: Socket };

/**
 * Real pipes for the output of jobs, one for both streams of a process: what it writes to two comes out in no order.
 * Those that `spawn` makes are sockets, on which `echo > /dev/stdout` and `tee /dev/stderr` fail; scripts do both. A named pipe is made
 * ahead for each next process, and leaves the file system when it is opened.
 */
export class OutputPipes {
  private made = 0;
  private next: Promise<string> | null = null;

  constructor(private readonly folder: string) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  async open(user: SandboxUser): Promise<OutputPipe> {
    const making = this.next ?? this.make();
    this.next = this.make();
    this.next.catch(() => {}); // who takes it hears of it
    return openPipe(await making, user);
  }

  private async make(): Promise<string> {
    const path = join(this.folder, `${this.made++}`);
    await promisify(execFile)('mkfifo', ['-m', '600', path]);
    return path;
  }

  async close(): Promise<void> {
    await this.next?.catch(() => {});
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function openPipe(path: string, user: SandboxUser): OutputPipe {
  if (user) chownSync(path, user.uid, user.gid); // or the user can't open its own /dev/stdout
  // Without O_NONBLOCK this would wait for a writer, and each read would hold a thread.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  rmSync(path);
  return { writeEnd, stream: new Socket({ fd: readEnd, readable: true, writable: false }) };
}
