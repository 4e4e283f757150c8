import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { shorten } from '@slipway/protocol';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const MAX_STDERR_CHARACTERS = 64 * 1024;

export type GitConfig = Record<string, string>;
export type GitOptions = {
  /** Folder of the bare repository. */
  gitDir?: string;
  cwd?: string;
  /** Of standard output. `latin1` has a character for each byte: for what may not be text. */
  encoding?: 'utf8' | 'latin1';
  /** Written to standard input, which is then closed. */
  input?: string;
  env?: Record<string, string>;
  /** Goes before whatever the repository's own configuration says. */
  config?: GitConfig;
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Whatever git starts ends with it. For talking to hosts: git leaves its helper, or ssh, waiting for a host that is silent. */
  wholeGroup?: boolean;
};

/** Git ended with an error. `stderr` is for logs, not for strangers: it may contain paths of this machine. */
export class GitFailed extends Error {
  constructor(
    command: string,
    readonly exitCode: number | null,
    readonly stderr: string,
  ) {
    super(`git ${command} ${exitCode === null ? 'was stopped' : `ended with ${exitCode}`}: ${stderr.trim() || 'no message'}`);
    this.name = 'GitFailed';
  }
}

/**
 * The environment of every git process: nothing of this process's own but PATH, no configuration of the machine or of a user,
 * no question ever asked. `config` arrives by environment and so stands above the repository's own file.
 */
export function gitEnvironment(config: GitConfig = {}, extra: Record<string, string> = {}): Record<string, string> {
  const entries = Object.entries(config);
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    // Whoever may push may push refs/replace, which would show another commit in the place of one that a rule protects.
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_CONFIG_COUNT: String(entries.length),
    ...Object.fromEntries(
      entries.flatMap(([key, value], n) => [
        [`GIT_CONFIG_KEY_${n}`, key],
        [`GIT_CONFIG_VALUE_${n}`, value],
      ]),
    ),
    ...extra,
  };
}

/** Runs git without a shell. Arguments that come from people go behind `--end-of-options` or begin with `refs/`. */
export function spawnGit(args: readonly string[], options: GitOptions = {}): ChildProcessWithoutNullStreams {
  const full = options.gitDir ? [`--git-dir=${options.gitDir}`, ...args] : [...args];
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const settings = { cwd: options.cwd, env: gitEnvironment(options.config, options.env), stdio: 'pipe' as const };
  if (options.wholeGroup) return endedAsGroup(spawn('git', full, { ...settings, detached: true }), timeoutMs, options.signal);
  return spawn('git', full, { ...settings, signal: options.signal, timeout: timeoutMs, killSignal: 'SIGTERM' });
}

/** The child leads a group of its own. Ending it says nothing but its exit code: null. */
function endedAsGroup(child: ChildProcessWithoutNullStreams, timeoutMs: number, signal?: AbortSignal): ChildProcessWithoutNullStreams {
  const end = () => void endGroup(child);
  const timer = setTimeout(end, timeoutMs);
  signal?.addEventListener('abort', end);
  if (signal?.aborted) end();
  child.once('close', () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  });
  return child;
}

function endGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Runs git to its end.
 * @returns standard output as text
 * @throws GitFailed also when it takes longer than `timeoutMs` or says more than `maxBytes`
 */
export async function runGit(args: readonly string[], options: GitOptions & { maxBytes?: number } = {}): Promise<string> {
  const chunks: string[] = [];
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  let bytes = 0;
  for await (const chunk of streamGit(args, options)) {
    bytes += Buffer.byteLength(chunk, options.encoding);
    if (bytes > maxBytes) throw new GitFailed(args[0] ?? '', null, `more than ${maxBytes} bytes of output`);
    chunks.push(chunk);
  }
  return chunks.join('');
}

/** Standard output as it comes, decoded; reading slowly slows git down. Leaving the loop early ends the process. */
export async function* streamGit(args: readonly string[], options: GitOptions = {}): AsyncGenerator<string, void> {
  const child = spawnGit(args, options);
  const ended = exitOf(child);
  ended.catch(() => undefined);
  const stderr = firstOf(child.stderr);
  child.stdin.on('error', () => undefined); // git may end without reading all: its exit code says why
  child.stdin.end(options.input ?? '');
  child.stdout.setEncoding(options.encoding ?? 'utf8');
  try {
    yield* child.stdout as AsyncIterable<string>;
    const code = await ended;
    if (code !== 0) throw new GitFailed(args[0] ?? '', code, stderr.text);
  } finally {
    if (child.exitCode === null && options.wholeGroup) endGroup(child);
    else if (child.exitCode === null) child.kill('SIGTERM');
  }
}

/** The beginning of what a stream says; the rest is read and dropped, as a host may say any amount through git. */
function firstOf(stream: Readable): { text: string } {
  const kept = { text: '' };
  stream.setEncoding('utf8').on('data', (text: string) => {
    if (kept.text.length < MAX_STDERR_CHARACTERS) kept.text = shorten(kept.text + text, MAX_STDERR_CHARACTERS);
  });
  return kept;
}

function exitOf(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
}
