import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { HostApi } from '../host-api.js';
import type { HostKind } from '../host-kinds.js';
import { HOST_FIXTURES } from './host-fixtures.js';

export type Told = { sha: string; key: string; state: string; description: string; url: string };
export type Reply = { status: number; headers?: Record<string, string>; body?: string };
/** An answer instead of the one that is due, or none: before anything was done, after it was, or long before it is. */
export type Fault = Reply | 'lost before' | 'lost after' | { lateMs: number };

/**
 * The HTTP API of a code host, of one repository: statuses are looked at as its documentation says, and kept as it keeps them; lists
 * are answered from `pages`. It can fail in the ways that hosts do.
 */
export class FakeHost {
  readonly told: Told[] = [];
  /** Method and address of each request. */
  readonly requests: string[] = [];
  /** What is wrong with what it was sent; a test ends with none. */
  readonly complaints: string[] = [];
  /** Answers to GET, by address. */
  readonly pages = new Map<string, unknown>();
  /** Instead of the answer that is due; undefined: none. Asked for every request. */
  fault: (request: IncomingMessage) => Fault | undefined = () => undefined;
  /** Most requests that were under way at the same time. */
  mostAtOnce = 0;
  token = 'secret-of-host';
  answerAfterMs = 0;
  private atOnce = 0;

  private constructor(
    readonly host: HostKind,
    private readonly server: ReturnType<typeof createServer>,
  ) {}

  static async listen(host: HostKind): Promise<FakeHost> {
    const server = createServer((request, response) => void fake.serve(request, response));
    const fake = new FakeHost(host, server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get api(): HostApi {
    return { host: this.host, apiUrl: this.url, path: HOST_FIXTURES[this.host].path, credential: { kind: 'token', token: this.token } };
  }

  /** What somebody who looks at the commit sees, by context. */
  shown(sha: string): Record<string, string> {
    return Object.fromEntries(this.told.filter((status) => status.sha === sha).map(({ key, state }) => [key, state]));
  }

  isFinal(state: string | undefined): boolean {
    return state !== undefined && HOST_FIXTURES[this.host].status.final.includes(state);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    try {
      const body = await text(request);
      this.requests.push(`${request.method} ${request.url}`);
      if (this.answerAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, this.answerAfterMs));
      const fault = this.fault(request);
      if (fault !== undefined && typeof fault === 'object' && 'status' in fault) return send(response, fault);
      if (fault === undefined) return send(response, this.answer(request, body));
      if (fault === 'lost after') this.answer(request, body);
      if (typeof fault === 'object') setTimeout(() => this.answer(request, body), fault.lateMs);
      request.socket.destroy();
    } finally {
      this.atOnce--;
    }
  }

  private answer(request: IncomingMessage, body: string): Reply {
    if (!HOST_FIXTURES[this.host].status.authorization.test(request.headers.authorization ?? ''))
      this.complaints.push(`authorization "${request.headers.authorization}"`);
    if (!tokenIn(request.headers.authorization ?? '').endsWith(this.token)) return { status: 401, body: '{"message":"Bad credentials"}' };
    return request.method === 'GET' ? this.list(request.url ?? '') : this.keep(request.url ?? '', body);
  }

  private list(url: string): Reply {
    const page = this.pages.get(url);
    return page === undefined
      ? { status: 404, body: '{"message":"Not Found"}' }
      : { status: 200, headers: this.linkOf(url), body: JSON.stringify(page) };
  }

  /** As GitHub, Gitea and GitLab say that there is more. */
  private linkOf(url: string): Record<string, string> {
    const next = url.replace(/([?&]page=)(\d+)/, (_all, name, page) => `${name}${Number(page) + 1}`);
    return next !== url && this.pages.has(next) ? { link: `<${this.url}${next}>; rel="next", <${this.url}${url}>; rel="last"` } : {};
  }

  private keep(url: string, body: string): Reply {
    const shape = HOST_FIXTURES[this.host].status;
    const sha = shape.path.exec(url)?.[1];
    const read = shape.body.safeParse(JSON.parse(body));
    if (!sha || !read.success) {
      this.complaints.push(`${url}: ${read.error?.message ?? 'no such address'}`);
      return { status: sha ? 422 : 404, body: '{"message":"Validation Failed"}' };
    }
    const given = read.data as { state: string; description: string; target_url?: string; targetUrl?: string; url?: string };
    const key = shape.keyOf(given);
    if (this.host === 'gitlab' && this.shown(sha)[key] === given.state)
      return { status: 400, body: `{"message":{"state":["Cannot transition status via :run from :${given.state}"]}}` };
    this.told.push({
      sha,
      key,
      state: given.state,
      description: given.description,
      url: given.target_url ?? given.targetUrl ?? given.url ?? '',
    });
    return { status: 201 };
  }
}

/** With HTTP Basic it is the password. */
const tokenIn = (authorization: string): string =>
  authorization.startsWith('Basic ') ? Buffer.from(authorization.slice(6), 'base64').toString() : authorization;

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body ?? '{}');
}
