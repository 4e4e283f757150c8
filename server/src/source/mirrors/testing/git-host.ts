import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGit } from '../../../platform/git.js';
import { HttpBackend } from '../../repositories/hosting/http-backend.js';
import { WorkTree } from '../../repositories/testing/work-tree.js';

export type Behaviour = 'well' | 'redirect' | 'html' | 'slow';

/** Somebody else's Git host on loopback: `git http-backend` behind HTTP, with a sign-in where one is asked for. */
export class GitHost {
  behaviour: Behaviour = 'well';
  /** Packs that were asked for. */
  packs = 0;
  listings = 0;
  signIn: { user: string; password: string } | null = null;
  private server: Server | null = null;
  private port = 0;
  private readonly waiting = new Set<() => void>();

  private constructor(
    readonly root: string,
    readonly tree: WorkTree,
  ) {}

  static async make(): Promise<GitHost> {
    const host = new GitHost(await mkdtemp(join(tmpdir(), 'slipway-host-')), await WorkTree.make());
    await host.create('app');
    await host.up();
    return host;
  }

  async create(name: string): Promise<void> {
    await runGit(['init', '--quiet', '--bare', '--initial-branch=main', this.folder(name)]);
  }

  folder(name = 'app'): string {
    return join(this.root, `${name}.git`);
  }

  url(name = 'app'): string {
    return `http://127.0.0.1:${this.port}/${name}.git`;
  }

  /** As somebody pushes there. */
  async push(...refs: string[]): Promise<void> {
    await this.tree.git('push', '--quiet', '--force', this.folder(), ...refs);
  }

  async git(...args: string[]): Promise<string> {
    return (await runGit(args, { gitDir: this.folder() })).trim();
  }

  async up(): Promise<void> {
    this.server = createServer((request, response) => this.answer(request, response)).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async down(): Promise<void> {
    const server = this.server;
    this.server = null;
    if (!server) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  /** Answers that were held back by `slow` go on. */
  release(): void {
    this.behaviour = 'well';
    for (const go of this.waiting) go();
    this.waiting.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    await this.down();
    await this.tree[Symbol.asyncDispose]();
    await rm(this.root, { recursive: true, force: true });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    if (this.behaviour === 'redirect') return void response.writeHead(302, { location: `http://169.254.169.254${path}` }).end();
    if (this.behaviour === 'html') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
    if (this.signIn && !isSignedIn(request, this.signIn))
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="host"' }).end();
    if (path.endsWith('/info/refs')) this.listings++;
    if (path.endsWith('/git-upload-pack')) this.packs++;
    if (this.behaviour === 'slow' && /\/git-(upload|receive)-pack$/.test(path))
      return void this.waiting.add(() => void this.serve(request, response, path, query));
    void this.serve(request, response, path, query);
  }

  private async serve(request: IncomingMessage, response: ServerResponse, path: string, query: string): Promise<void> {
    const config = { 'http.receivepack': 'true', 'safe.directory': '*', 'core.hooksPath': join(this.root, 'hooks') };
    const backend = new HttpBackend(request, { root: this.root, path, query, user: 'somebody', address: '127.0.0.1', config, env: {} });
    response.on('close', () => backend.stop());
    try {
      const { status, headers, body } = await backend.answer();
      body.pipe(response.writeHead(status, headers));
    } catch {
      response.destroy(); // the client left, or git ended: the test sees what comes of it
    }
  }
}

function isSignedIn(request: IncomingMessage, { user, password }: { user: string; password: string }): boolean {
  return request.headers.authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
