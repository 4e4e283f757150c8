import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { OutputPipe, OutputPipes } from './output-pipes.js';
import { processIdOf } from './process-tree.js';
import type { Exit, RunOptions, Sandbox, SandboxSpec } from './sandbox.js';

const GRACE_MS = 3_000;
/** After the last process is gone the pipes can only hold what they already hold. */
const DRAIN_MS = 10_000;

type Running = Pick<Sandbox, 'prepare' | 'terminate' | 'destroy'> & { pipes: OutputPipes; ranOutOfMemory(name: string): Promise<boolean> };

/** See {@link Sandbox.run}. */
export async function runSandboxed(sandbox: Running, spec: SandboxSpec, { onOutput, stop, graceMs = GRACE_MS }: RunOptions): Promise<Exit> {
  const [command, pipes] = await Promise.all([sandbox.prepare(spec), sandbox.pipes.open(spec.user)]);
  const child = spawn(command.command, command.args, {
    env: command.env,
    cwd: '/',
    detached: true,
    stdio: ['pipe', pipes.stdout.writeEnd, pipes.stderr.writeEnd],
  });
  const reading = Promise.all([
    pump(pipes.stdout, (bytes) => onOutput(bytes, 'stdout')),
    pump(pipes.stderr, (bytes) => onOutput(bytes, 'stderr')),
  ]);
  for (const { writeEnd } of [pipes.stdout, pipes.stderr]) closeSync(writeEnd);
  try {
    const [exitCode, signalName] = await untilEnded(sandbox, spec.name, child, command.stdin, stop, graceMs);
    const outOfMemory = await sandbox.ranOutOfMemory(spec.name);
    return { code: exitCode ?? 128 + (signalName ? constants.signals[signalName] : 0), outOfMemory };
  } finally {
    await sandbox.destroy(spec.name, null);
    const unread = setTimeout(() => pipes.stdout.stream.destroy() && pipes.stderr.stream.destroy(), DRAIN_MS).unref();
    await reading.finally(() => clearTimeout(unread));
  }
}

async function untilEnded(
  sandbox: Running,
  name: string,
  child: ReturnType<typeof spawn>,
  stdin: Buffer,
  stop: AbortSignal,
  graceMs: number,
): Promise<[number | null, NodeJS.Signals | null]> {
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  child.stdin?.on('error', () => {}); // ended before it read: its exit code tells
  child.stdin?.end(stdin);
  const stopping = stopped(stop).then(() => end(sandbox, name, child.pid, graceMs, ended));
  stopping.catch(() => {}); // awaited below when it matters
  const exit = await ended;
  if (stop.aborted) await stopping;
  return exit;
}

async function end(sandbox: Running, name: string, pid: number | undefined, graceMs: number, ended: Promise<unknown>): Promise<void> {
  const root = pid === undefined ? null : processIdOf(pid);
  if (!root) return;
  await sandbox.terminate(name, root);
  const grace = new AbortController();
  await Promise.race([ended, delay(graceMs, null, { signal: grace.signal }).catch(() => {})]);
  grace.abort();
  await sandbox.destroy(name, root);
}

const stopped = (signal: AbortSignal): Promise<unknown> => (signal.aborted ? Promise.resolve() : once(signal, 'abort'));

async function pump({ stream }: OutputPipe, onBytes: (bytes: Uint8Array) => void | Promise<void>): Promise<void> {
  try {
    for await (const bytes of stream) {
      const pressure = onBytes(bytes as Buffer);
      if (pressure) await pressure;
    }
  } catch (error) {
    if (!stream.destroyed) throw error;
  }
}
