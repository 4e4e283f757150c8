import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { endOf } from '@slipway/protocol';
import { type GitConfig, gitEnvironment } from '../../../platform/git.js';

export type BackendRequest = {
  root: string;
  /** Below the root, e.g. `/<id>.git/git-upload-pack`. */
  path: string;
  query: string;
  user: string;
  address: string;
  config: GitConfig;
  env: Record<string, string>;
};

export type BackendAnswer = { status: number; headers: Record<string, string>; body: Readable };

const MAX_HEADER_BYTES = 16 * 1024;
const MAX_STDERR_CHARACTERS = 4_000;
const KILL_AFTER_MS = 5_000;

/**
 * `git http-backend`, run as a CGI (RFC 3875). The request's body goes in as it comes and the answer goes out as it is made:
 * the pipes hold each other back, so memory doesn't grow with the size of a push.
 */
export class HttpBackend {
  /** Resolves once the process is gone, however it ended. */
  readonly ended: Promise<{ code: number | null; stderr: string }>;
  private readonly child: ChildProcessWithoutNullStreams;
  private stderr = '';

  constructor(request: IncomingMessage, what: BackendRequest) {
    this.child = spawn('git', ['http-backend'], { env: cgiEnvironment(request, what), stdio: 'pipe', detached: true });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = endOf(this.stderr + text, MAX_STDERR_CHARACTERS);
    });
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve({ code: null, stderr: error.message }));
      this.child.once('close', (code) => resolve({ code, stderr: this.stderr }));
    });
    this.child.stdin.on('error', () => undefined); // git may answer without reading all; the answer says why
    request.pipe(this.child.stdin);
  }

  /** Git tidies up after itself on SIGTERM, locks and half-received objects included; whatever doesn't is ended with its children. */
  stop(): void {
    if (this.child.exitCode !== null || this.child.pid === undefined) return;
    const group = -this.child.pid;
    this.child.kill('SIGTERM');
    const force = setTimeout(() => {
      try {
        process.kill(group, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }, KILL_AFTER_MS).unref();
    void this.ended.then(() => clearTimeout(force));
  }

  /** @throws when git ends before it has said anything sensible */
  async answer(): Promise<BackendAnswer> {
    const { stdout } = this.child;
    let head = Buffer.alloc(0);
    for (;;) {
      const chunk = await readable(stdout);
      if (!chunk) throw new Error(`git http-backend gave no answer: ${(await this.ended).stderr || 'no message'}`);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1 && head.length < MAX_HEADER_BYTES) continue;
      if (end === -1) throw new Error('git http-backend gave an answer without an end to its headers.');
      stdout.unshift(head.subarray(end + 4));
      return { ...parseHead(head.toString('latin1', 0, end)), body: stdout };
    }
  }
}

/** What there is to read, as soon as there is something; null at the end. Leaves the stream paused, unlike `for await`, which would close it. */
function readable(stream: Readable): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      const chunk = stream.read() as Buffer | null;
      if (chunk === null && !stream.readableEnded) return;
      stream.off('readable', settle).off('end', settle).off('error', reject);
      resolve(chunk);
    };
    stream.on('readable', settle).on('end', settle).on('error', reject);
    if (stream.readableEnded) settle();
  });
}

function parseHead(text: string): { status: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    if (name === 'status') status = Number.parseInt(value, 10);
    else if (colon > 0) headers[name] = value;
  }
  return { status, headers };
}

/** Without CONTENT_LENGTH git reads to the end of its input; with it, git would wait for the rest for ever, at full speed, should this server be killed. */
function cgiEnvironment({ method, headers }: IncomingMessage, what: BackendRequest): Record<string, string> {
  const given: Record<string, string | undefined> = {
    CONTENT_TYPE: headers['content-type'],
    HTTP_CONTENT_ENCODING: headers['content-encoding'],
    GIT_PROTOCOL: /^version=[0-9]$/.exec(String(headers['git-protocol'] ?? ''))?.[0],
  };
  return gitEnvironment(what.config, {
    ...Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    ...what.env,
    GATEWAY_INTERFACE: 'CGI/1.1',
    GIT_PROJECT_ROOT: what.root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: what.path,
    QUERY_STRING: what.query,
    REMOTE_ADDR: what.address,
    REMOTE_USER: what.user,
    REQUEST_METHOD: method ?? 'GET',
  });
}
