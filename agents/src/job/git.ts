import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const MAX_OUTPUT_BYTES = 64 * 1024 ** 2;

export class GitFailed extends Error {
  constructor(
    readonly command: string,
    readonly stderr: string,
  ) {
    super(`git ${command}: ${stderr.trim() || 'failed without a message'}`);
  }

  /** Whether the server was away, so that the same may work in a moment. */
  get isTransient(): boolean {
    return /could not resolve|failed to connect|connection (refused|reset|timed out)|timed out|rpc failed|early eof|hung up|error: 5\d\d|empty reply|unexpected disconnect/i.test(
      this.stderr,
    );
  }

  get isCorruption(): boolean {
    return /corrupt|not a git repository|bad object|unable to read|loose object|packfile|inflate|bad config|unable to (create|lock)|\.lock/i.test(
      this.stderr,
    );
  }
}

export type GitOptions = { cwd: string; config?: Record<string, string>; signal?: AbortSignal };

/**
 * Git as the agent runs it: only in repositories of its own, with none of the machine's settings, no prompts, no hooks and
 * no transport but HTTP. Settings travel in the environment, so that a credential is not in the list of processes.
 * @throws GitFailed
 */
export async function git(args: string[], { cwd, config = {}, signal }: GitOptions): Promise<string> {
  const settings = Object.entries({ ...ALWAYS, ...config });
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    LC_ALL: 'C',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_CONFIG_COUNT: `${settings.length}`,
  };
  for (const name of CERTIFICATES) if (process.env[name]) env[name] = process.env[name];
  settings.forEach(([key, value], index) => {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  try {
    const { stdout } = await promisify(execFile)('git', args, { cwd, env, signal, maxBuffer: MAX_OUTPUT_BYTES });
    return stdout;
  } catch (error) {
    signal?.throwIfAborted();
    throw new GitFailed(args[0] ?? '', (error as { stderr?: string }).stderr || String(error));
  }
}

const CERTIFICATES = [
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'HTTPS_PROXY',
  'NO_PROXY',
];

const ALWAYS: Record<string, string> = {
  'core.hooksPath': '/dev/null',
  'protocol.allow': 'never',
  'protocol.http.allow': 'always',
  'protocol.https.allow': 'always',
  'http.followRedirects': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'fetch.unpackLimit': '1',
  'safe.directory': '*',
};
