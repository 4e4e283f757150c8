import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { namesIn } from './first-process.js';
import type { OutputPipe, OutputPipes } from './output-pipes.js';
import { processIdOf } from './process-tree.js';
import { type Exit, GRACE_MS, type RunOptions, type Sandbox, type SandboxSpec } from './sandbox.js';

/** After the last process is gone the pipe can only hold what it already holds. */
const DRAIN_MS = 10_000;
const MAX_NAMES_BYTES = 4096;

type Running = Pick<Sandbox, 'prepare' | 'stop' | 'destroy' | 'ranOut'> & {
  pipes: OutputPipes;
  /** Ends what the command left running if there is no first process that does this; returns the command lines. */
  endRest(name: string, graceMs: number): Promise<string[]>;
};

/** See {@link Sandbox.run}. */
export async function runSandboxed(sandbox: Running, spec: SandboxSpec, { onOutput, stop }: RunOptions): Promise<Exit> {
  const { name, graceMs = GRACE_MS } = spec;
  const [command, pipe] = await Promise.all([sandbox.prepare(spec), sandbox.pipes.open(spec.user)]);
  const child = spawn(command.command, command.args, {
    env: command.env,
    cwd: '/',
    detached: true,
    stdio: ['pipe', pipe.writeEnd, pipe.writeEnd, 'pipe'],
  });
  closeSync(pipe.writeEnd);
  const reading = pump(pipe, onOutput);
  // Nobody reads on, so the command must not wait for a reader. The error is thrown at the end.
  const unread = new AbortController();
  reading.catch((error) => unread.abort(error));
  const naming = textOf(child.stdio[3] as Readable);
  try {
    const [exitCode, signalName] = await untilEnded(sandbox, child, command.stdin, {
      name,
      stop: AbortSignal.any([stop, unread.signal]),
      graceMs,
    });
    const ranOut = await sandbox.ranOut(name);
    const left = [...(await naming), ...(await sandbox.endRest(name, graceMs))];
    return { code: exitCode ?? 128 + (signalName ? constants.signals[signalName] : 0), ...ranOut, left };
  } finally {
    await sandbox.destroy(name, null);
    const draining = setTimeout(() => pipe.stream.destroy(), DRAIN_MS).unref();
    await reading.finally(() => clearTimeout(draining));
  }
}

type Ending = { name: string; stop: AbortSignal; graceMs: number };

async function untilEnded(
  sandbox: Running,
  child: ChildProcess,
  stdin: Buffer,
  { name, stop, graceMs }: Ending,
): Promise<[number | null, NodeJS.Signals | null]> {
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  child.stdin?.on('error', () => {}); // ended before it read: its exit code tells
  child.stdin?.end(stdin);
  const stopping = stopped(stop).then(async () => {
    const root = child.pid === undefined ? null : processIdOf(child.pid);
    if (root) await sandbox.stop(name, root, graceMs);
  });
  stopping.catch(() => {}); // awaited below when it matters
  const exit = await ended;
  if (stop.aborted) await stopping;
  return exit;
}

const stopped = (signal: AbortSignal): Promise<unknown> => (signal.aborted ? Promise.resolve() : once(signal, 'abort'));

async function pump({ stream }: OutputPipe, onBytes: (bytes: Uint8Array) => void | Promise<void>): Promise<void> {
  let isTaken = true;
  try {
    for await (const bytes of stream) {
      isTaken = false;
      const pressure = onBytes(bytes as Buffer);
      if (pressure) await pressure;
      isTaken = true;
    }
  } catch (error) {
    // Not when the stream was given up, above.
    if (!isTaken || !stream.destroyed) throw error;
  }
}

/** Up to a limit; nothing is waited for any more once the writer has gone, and a broken stream is one that says nothing more. */
async function textOf(stream: Readable): Promise<string[]> {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    if (text.length < MAX_NAMES_BYTES) text += chunk.toString('utf8');
  });
  stream.on('error', () => {});
  await new Promise<void>((resolve) => stream.once('close', resolve));
  return namesIn(text);
}
