import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type HostStatus = { sha: string; state: string; context: string; description: string; target_url: string };

/** A code host of somebody else: `git http-backend` behind a sign-in, with one repository, that can go down and come up again. */
export class GitHost implements AsyncDisposable {
  readonly user = 'ci';
  readonly password = 'a-password-of-the-host';
  /** The statuses that were reported over the API, in the order in which they came. */
  readonly statuses: HostStatus[] = [];
  /** Takes requests of git, and never answers. */
  isSilent = false;
  private server: Server | null = null;
  private port = 0;

  private constructor(readonly root: string) {}

  static async make(): Promise<GitHost> {
    const host = new GitHost(await mkdtemp(join(tmpdir(), 'slipway-host-')));
    await once(spawn('git', ['init', '--quiet', '--bare', '--initial-branch=main', host.folder]), 'close');
    await once(spawn('git', ['--git-dir', host.folder, 'config', 'http.receivepack', 'true']), 'close');
    await host.up();
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/acme/app.git`;
  }

  /** GitHub's, as far as it is asked for: commit statuses, and pull requests, of which it lists none. */
  get apiUrl(): string {
    return `http://127.0.0.1:${this.port}/api`;
  }

  get urlWithSignIn(): string {
    return this.url.replace('//', `//${this.user}:${this.password}@`);
  }

  /** A folder of its own on this machine, which people reach while the server is down. */
  get folder(): string {
    return join(this.root, 'acme/app.git');
  }

  async up(): Promise<void> {
    this.server = createServer((request, response) => this.answer(request, response)).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async down(): Promise<void> {
    this.server?.closeAllConnections();
    this.server?.close();
    this.server = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    await rm(this.root, { recursive: true, force: true });
  }

  private async answerApi(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const [, sha] = /^\/api\/repos\/acme\/app\/statuses\/([0-9a-f]{40})$/.exec(path) ?? [];
    if (request.method === 'POST' && sha) {
      this.statuses.push({ sha, ...(JSON.parse(body) as Omit<HostStatus, 'sha'>) });
      response.writeHead(201, { 'content-type': 'application/json' }).end('{}');
    } else if (request.method === 'GET' && path === '/api/repos/acme/app/pulls') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
    } else response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"Not Found"}');
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const expected = `Basic ${Buffer.from(`${this.user}:${this.password}`).toString('base64')}`;
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="host"' }).end();
      return;
    }
    const [path = '', query = ''] = (request.url ?? '').split('?');
    if (path.startsWith('/api/')) return void this.answerApi(request, response, path);
    if (this.isSilent) return;
    const backend = spawn('git', ['http-backend'], { env: { ...process.env, ...cgi(request, this.root, path, query) } });
    request.pipe(backend.stdin.on('error', () => undefined));
    let head = '';
    const begin = (chunk: Buffer) => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      backend.stdout.off('data', begin);
      const headers = head.slice(0, end).split('\r\n');
      const fields = headers.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const);
      const status = Number.parseInt(fields.find(([name]) => name === 'Status')?.[1] ?? '200', 10);
      response.writeHead(status, Object.fromEntries(fields.filter(([name]) => name !== 'Status')));
      response.write(Buffer.from(head.slice(end + 4), 'latin1'));
      backend.stdout.pipe(response);
    };
    backend.stdout.on('data', begin);
  }
}

function cgi(request: IncomingMessage, root: string, path: string, query: string): Record<string, string> {
  return {
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    PATH_INFO: path,
    QUERY_STRING: query,
    REMOTE_USER: 'ci',
    REQUEST_METHOD: request.method ?? 'GET',
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
  };
}
