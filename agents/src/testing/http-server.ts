import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type StoredArtifact = { attempt: string; name: string; digest: string; bytes: Buffer };

/** What a server says over HTTP to agents: Git by `git http-backend` and artifacts in memory. Wants the token `job-token`. */
export type TestHttpServer = {
  url: string;
  stored: StoredArtifact[];
  /** By digest. */
  blobs: Map<string, Buffer>;
  requests: string[];
  /** As long as it is above 0, counts down and answers 503. */
  failNext: number;
  close(): Promise<void>;
};

export const JOB_TOKEN = 'job-token';

export async function testHttpServer(repositoriesDir: string): Promise<TestHttpServer> {
  const state: TestHttpServer = { url: '', stored: [], blobs: new Map(), requests: [], failNext: 0, close: async () => {} };
  const server = createServer((request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    if (state.failNext > 0) {
      state.failNext--;
      return void response.writeHead(503).end('{"error":{"message":"away"}}');
    }
    void answer(state, repositoriesDir, request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  state.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return state;
}

async function answer(state: TestHttpServer, repositoriesDir: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://server');
  const basic = `Basic ${Buffer.from(`job:${JOB_TOKEN}`).toString('base64')}`;
  const wanted = url.pathname.startsWith('/git/') ? basic : `Bearer ${JOB_TOKEN}`;
  if (request.headers.authorization !== wanted) return void response.writeHead(401).end('{"error":{"message":"Wrong token."}}');
  if (url.pathname.startsWith('/git/')) return gitBackend(repositoriesDir, url, request, response);
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
  const [, attempt = '', name = ''] = /attempts\/([^/]+)\/artifacts\/([^/]+)$/.exec(url.pathname) ?? [];
  if (request.method === 'PUT') {
    const digest = createHash('sha256').update(body).digest('hex');
    if (digest !== url.searchParams.get('digest'))
      return void response.writeHead(400).end('{"error":{"message":"The digest does not fit."}}');
    state.stored.push({ attempt, name: decodeURIComponent(name), digest, bytes: body });
    state.blobs.set(digest, body);
    return void response.writeHead(201).end('{}');
  }
  const blob = state.blobs.get(url.pathname.split('/').at(-1) ?? '');
  response.writeHead(blob ? 200 : 404).end(blob ?? '{"error":{"message":"There is no such artifact."}}');
}

function gitBackend(repositoriesDir: string, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const env = {
    PATH: process.env.PATH,
    GIT_PROJECT_ROOT: repositoriesDir,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: `${request.headers['git-protocol'] ?? ''}`,
    PATH_INFO: url.pathname.slice('/git'.length),
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method,
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
  };
  const backend = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  request.pipe(backend.stdin);
  void Array.fromAsync(backend.stdout as AsyncIterable<Buffer>).then((parts) => {
    const bytes = Buffer.concat(parts);
    const end = bytes.indexOf('\r\n\r\n');
    const headers = bytes
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((line) => line.split(': ') as [string, string]);
    const status = Number(headers.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status')));
    response.end(bytes.subarray(end + 4));
  });
}

/** A bare repository `<dir>/<name>.git` with one commit that holds these files. Answers the commit's sha. */
export function aRepository(dir: string, name: string, files: Record<string, string>): string {
  const bare = join(dir, `${name}.git`);
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  return addCommit(dir, name, files);
}

/** `->` begins what a link points at, `@` the commit of a submodule. */
export function addCommit(dir: string, name: string, files: Record<string, string>): string {
  const lines = Object.entries(files).map(([path, text]) =>
    text.startsWith('@')
      ? `M 160000 ${text.slice(1)} ${path}\n`
      : `M ${text.startsWith('->') ? '120000' : '100644'} inline ${path}\n${data(text.replace(/^->/, ''))}`,
  );
  const who = 'author A <a@example.org> 0 +0000\ncommitter A <a@example.org> 0 +0000\n';
  const bare = join(dir, `${name}.git`);
  const parent = headOf(bare);
  const stream = `commit refs/heads/main\n${who}${data('commit')}${parent ? `from ${parent}\n` : ''}deleteall\n${lines.join('')}\n`;
  execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: bare, input: stream });
  return headOf(bare) ?? '';
}

function headOf(bare: string): string | null {
  try {
    return execFileSync('git', ['rev-parse', '--verify', '--quiet', 'refs/heads/main'], { cwd: bare }).toString().trim();
  } catch {
    return null; // no commit yet
  }
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
