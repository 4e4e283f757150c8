import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessId } from '../sandbox/process-tree.js';
import type { SandboxedCommand } from '../sandbox/sandbox.js';

/**
 * A shell in a session of its own that starts the command, notes which process it is, waits for it and notes how it ended: 1 MB,
 * and alive while the agent is not. `process` holds number and start time, `exit` the exit code; both appear whole.
 * Descriptor 3 tells the agent that started it the same as `process`; an agent that has died meanwhile must not take the keeper
 * with it (SIGPIPE, ignored only once the child has been started, which would inherit that).
 */
const KEEPER = `
folder=$1; shift
exec 4<&0 </dev/null
"$@" <&4 4<&- 3>&- &
child=$!
exec 4<&-
read -r stat < "/proc/$child/stat"
set -- \${stat##*) }
echo "$child \${20}" > "$folder/process.new"
mv "$folder/process.new" "$folder/process"
trap '' PIPE
echo "$child \${20}" 2>/dev/null >&3
exec 3>&-
wait "$child"
code=$?
echo "$code" > "$folder/exit.new"
mv "$folder/exit.new" "$folder/exit"
`;

export const OUTPUT_FILE = 'output.log';

/** A process under a keeper. `ended` resolves when its keeper ends; for an adopted one it never does: look at {@link isAlive}. */
export type KeptProcess = { id: ProcessId; ended: Promise<void> };

/**
 * Starts a command that outlives the agent; its output is appended to `output.log` in its folder.
 * @throws Error when it could not be started.
 */
export async function startKept(folder: string, command: SandboxedCommand): Promise<KeptProcess> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await Promise.all(['process', 'exit'].map((file) => rm(join(folder, file), { force: true })));
  const keeper = await spawnKeeper(folder, command);
  const ended = once(keeper, 'exit').then(() => undefined);
  const id = await processTold(keeper.stdio[3] as Readable);
  keeper.unref();
  if (!id) throw new Error('The process could not be started: its keeper ended at once.');
  return { id, ended };
}

async function spawnKeeper(folder: string, command: SandboxedCommand): Promise<ChildProcess> {
  await using input = await unnamedFile(join(folder, 'stdin'), command.stdin);
  await using output = await open(join(folder, OUTPUT_FILE), 'a', 0o600);
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'slipway-keeper', folder, command.command, ...command.args], {
    detached: true,
    cwd: '/',
    env: command.env,
    stdio: [input.fd, output.fd, output.fd, 'pipe'],
  });
  await once(keeper, 'spawn');
  return keeper;
}

/** It holds secrets, so it has lost its name before there is anything in it. Written at a place, which leaves the descriptor to be read from the start. */
async function unnamedFile(path: string, bytes: Uint8Array): Promise<FileHandle> {
  const file = await open(path, 'w+', 0o600);
  try {
    await rm(path);
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten;
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function processTold(pipe: Readable): Promise<ProcessId | null> {
  let text = '';
  for await (const chunk of pipe) text += chunk;
  return parseProcess(text);
}

/** The process that an earlier agent started in this folder, if it still runs. */
export async function adoptKept(folder: string): Promise<KeptProcess | null> {
  const id = parseProcess(await readIfThere(join(folder, 'process')));
  return id && isAlive(id) ? { id, ended: new Promise(() => {}) } : null;
}

/** A keeper notes the exit code an instant after the process has ended. */
const NOTING_MS = 500;

/** Of a process that has ended; null when its keeper was killed with it. */
export async function exitCodeAfter(folder: string, { ended }: KeptProcess): Promise<number | null> {
  const giveUpAt = performance.now() + NOTING_MS;
  let keeperEnded = false;
  ended.then(() => {
    keeperEnded = true;
  });
  while ((await exitCodeOf(folder)) === null && !keeperEnded && performance.now() < giveUpAt) await sleep(5);
  return exitCodeOf(folder);
}

/** Null while it runs, and when its keeper was killed with it. */
export async function exitCodeOf(folder: string): Promise<number | null> {
  const text = await readIfThere(join(folder, 'exit'));
  return text === '' ? null : Number(text);
}

function parseProcess(text: string): ProcessId | null {
  const [pid, startTime] = text.split(' ').map(Number);
  return pid && startTime ? { pid, startTime } : null;
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
