import { execFile } from 'node:child_process';
import { chownSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SandboxUser } from './sandbox.js';

/** One way out of a process: the end to hand to it and then to close, and the stream that reads what it writes. */
export type OutputPipe = { writeEnd: number; stream: Socket };

/**
 * Real pipes for the output of jobs. Those that `spawn` makes are sockets, on which `echo > /dev/stdout` and
 * `tee /dev/stderr` fail; scripts do both. Named pipes are made for each process and leave the file system at once.
 */
export async function openOutputPipes(
  folder: string,
  name: string,
  user: SandboxUser,
): Promise<{ stdout: OutputPipe; stderr: OutputPipe }> {
  const paths = [join(folder, `${name}.out`), join(folder, `${name}.err`)] as const;
  for (const path of paths) rmSync(path, { force: true });
  await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
  return { stdout: openPipe(paths[0], user), stderr: openPipe(paths[1], user) };
}

function openPipe(path: string, user: SandboxUser): OutputPipe {
  if (user) chownSync(path, user.uid, user.gid); // or the user can't open its own /dev/stdout
  // Without O_NONBLOCK this would wait for a writer, and each read would hold a thread.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  rmSync(path);
  return { writeEnd, stream: new Socket({ fd: readEnd, readable: true, writable: false }) };
}
