import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../errors.js';
import { createLog } from '../log.js';
import { Metrics } from '../metrics.js';
import { COMPRESSED } from './compression.js';
import { createHttp, type HttpOptions } from './create-http.js';

let lines: Record<string, unknown>[];
let webDir: string;
const apps: FastifyInstance[] = [];

beforeEach(() => {
  lines = [];
  webDir = mkdtempSync(join(tmpdir(), 'slipway-web-'));
});
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  rmSync(webDir, { recursive: true });
});

async function anApp(over: Partial<HttpOptions> = {}): Promise<FastifyInstance> {
  const log = createLog('debug', 'slipway-server', { write: (line) => lines.push(JSON.parse(line)) });
  const app = await createHttp({
    log,
    metrics: new Metrics(),
    metricsToken: null,
    readiness: [],
    webDir,
    trustedProxies: 0,
    publicUrl: null,
    hsts: true,
    ...over,
  });
  apps.push(app);
  return app;
}

const SCRIPT = 'go();'.repeat(1_000);

function buildPage(): void {
  mkdirSync(join(webDir, 'assets'));
  writeFileSync(join(webDir, 'index.html'), '<title>Slipway</title>');
  const script = join(webDir, 'assets', 'main-abc123.js');
  writeFileSync(script, SCRIPT);
  writeFileSync(`${script}.br`, brotliCompressSync(SCRIPT));
  writeFileSync(`${script}.gz`, gzipSync(SCRIPT));
}

describe('errors', () => {
  it('shows what the caller did wrong, with its status and code', async () => {
    const app = await anApp();
    app.get('/api/x', () => Promise.reject(new DomainError('conflict', 'name_taken', 'The name is taken. Choose another.')));
    const answer = await app.inject('/api/x');
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toEqual({ error: { code: 'name_taken', message: 'The name is taken. Choose another.' } });
  });

  it('logs its own faults under an id, and shows the id alone', async () => {
    const app = await anApp();
    app.get('/api/x', () => Promise.reject(new Error('password=hunter2')));
    const answer = await app.inject('/api/x');
    const logged = lines.find((line) => line.message === 'unexpected error');
    expect(answer.statusCode).toBe(500);
    expect(answer.json().error).toMatchObject({ code: 'internal_error', message: expect.stringContaining(String(logged?.['error.id'])) });
    expect(answer.body).not.toContain('hunter2');
  });

  it('answers broken JSON and bodies that are too large as the fault of the caller', async () => {
    const app = await anApp();
    app.post('/api/x', async () => ({}));
    const post = (payload: string) =>
      app.inject({ method: 'POST', url: '/api/x', headers: { 'content-type': 'application/json' }, payload });
    expect((await post('{')).statusCode).toBe(400);
    expect((await post(JSON.stringify('x'.repeat(2_000_000)))).json().error.code).toBe('body_too_large');
  });
});

describe('the host that a caller names', () => {
  // As it comes over the wire: a client would refuse to send most of these.
  const statusFor = async (lines: string[]): Promise<string> => {
    const app = await anApp();
    await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.end([...lines, 'Connection: close', '', ''].join('\r\n'));
    return (await text(socket)).split(' ', 2)[1] ?? '';
  };

  it.each(['<script>', 'a b', 'a/b', 'user@host', 'a?b', 'a#b', 'host:99999', '[::1', 'a\\b', ''])(
    'is refused when it is "%s"',
    async (host) => {
      expect(await statusFor(['GET /healthz HTTP/1.1', `Host: ${host}`])).toBe('400');
    },
  );

  it.each(['ci.example', 'CI.example:4000', '127.0.0.1:80', '[::1]:4000', 'bücher.example'])('may be %s', async (host) => {
    expect(await statusFor(['GET /healthz HTTP/1.1', `Host: ${host}`])).toBe('200');
  });

  it('may be left out by a load balancer that speaks HTTP/1.0', async () => {
    expect(await statusFor(['GET /healthz HTTP/1.0'])).toBe('200');
  });
});

it.each(['/%ff', '/%', '/a%ED%A0%80', '/projects/%zz'])('an address that can not be read (%s) is the fault of the caller', async (url) => {
  const answer = await (await anApp()).inject(url);
  expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'bad_address']);
});

describe('answers of routes that ask for it', () => {
  const LONG = { text: 'x'.repeat(5_000) };

  it('are compressed from a kilobyte on, for who takes it', async () => {
    const app = await anApp();
    app.get('/api/x', { compress: COMPRESSED }, async () => LONG);
    app.get('/api/short', { compress: COMPRESSED }, async () => ({ text: 'x' }));
    app.get('/api/other', async () => LONG);
    const get = (url: string, encoding = 'gzip, br') => app.inject({ url, headers: { 'accept-encoding': encoding } });
    const sent = await get('/api/x');
    expect(sent.headers['content-encoding']).toBe('br');
    expect(sent.headers.vary).toMatch(/accept-encoding/i);
    expect(JSON.parse(brotliDecompressSync(sent.rawPayload).toString())).toEqual(LONG);
    expect((await get('/api/x', 'gzip')).headers['content-encoding']).toBe('gzip');
    for (const answer of [await get('/api/short'), await get('/api/other'), await get('/api/x', 'identity')])
      expect(answer.headers['content-encoding']).toBeUndefined();
  });
});

describe('log', () => {
  it('has a line for each request, in ECS names, with its id and without its query', async () => {
    const app = await anApp();
    const answer = await app.inject({ url: '/healthz?link=hunter2', headers: { 'x-request-id': 'from-a-proxy-1' } });
    expect(answer.headers['x-request-id']).toBe('from-a-proxy-1');
    const line = lines.find((each) => each.message === 'request');
    expect(line).toMatchObject({
      'log.level': 'debug',
      'http.request.id': 'from-a-proxy-1',
      'url.path': '/healthz',
      'http.response.status_code': 200,
    });
    expect(line?.['@timestamp']).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('takes over no request id that is odd', async () => {
    const answer = await (await anApp()).inject({ url: '/healthz', headers: { 'x-request-id': 'a"b\\nc injected' } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('health', () => {
  it('is ready only while everything it depends on answers', async () => {
    let away = false;
    const check = () => (away ? Promise.reject(new Error('away')) : Promise.resolve());
    const app = await anApp({ readiness: [{ name: 'postgres', check }] });
    expect((await app.inject('/readyz')).statusCode).toBe(200);
    away = true;
    const answer = await app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ status: 'not ready', checks: [{ name: 'postgres', ready: false }] });
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  it('gives metrics to this machine, or to who has the token', async () => {
    const local = await anApp();
    expect((await local.inject('/metrics')).body).toContain('slipway_http_request_duration_seconds');
    expect((await local.inject({ url: '/metrics', remoteAddress: '192.0.2.7' })).statusCode).toBe(403);
    expect((await local.inject({ url: '/metrics', headers: { 'x-forwarded-for': '192.0.2.7' } })).statusCode).toBe(403);
    const guarded = await anApp({ metricsToken: 'a-long-enough-token-1' });
    expect((await guarded.inject('/metrics')).statusCode).toBe(403);
    const headers = { authorization: 'Bearer a-long-enough-token-1' };
    expect((await guarded.inject({ url: '/metrics', remoteAddress: '192.0.2.7', headers })).statusCode).toBe(200);
  });
});

describe('the page', () => {
  it('answers every place within it, and keeps hashed files for ever', async () => {
    buildPage();
    const app = await anApp();
    for (const url of ['/', '/projects/sample', '/sign-in']) {
      const answer = await app.inject(url);
      expect([answer.statusCode, answer.body, answer.headers['cache-control']]).toEqual([200, '<title>Slipway</title>', 'no-cache']);
    }
    const file = await app.inject('/assets/main-abc123.js');
    expect(file.headers['cache-control']).toContain('immutable');
    expect(file.headers['content-security-policy']).toContain("default-src 'self'");
  });

  it.each([
    ['br', 'gzip, deflate, br, zstd', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
  ])('is sent as %s to who takes it, and known by another tag than as it is', async (encoding, accepted, read) => {
    buildPage();
    const app = await anApp();
    const plain = await app.inject('/assets/main-abc123.js');
    const sent = await app.inject({ url: '/assets/main-abc123.js', headers: { 'accept-encoding': accepted } });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.body).toBe(SCRIPT);
    expect(sent.headers).toMatchObject({
      'content-encoding': encoding,
      'content-type': expect.stringContaining('javascript'),
      'cache-control': expect.stringContaining('immutable'),
    });
    expect(read(sent.rawPayload).toString()).toBe(SCRIPT);
    for (const answer of [plain, sent]) expect(answer.headers.vary).toMatch(/accept-encoding/i);
    expect(sent.headers.etag).not.toBe(plain.headers.etag);
    const again = await app.inject({
      url: '/assets/main-abc123.js',
      headers: { 'accept-encoding': accepted, 'if-none-match': String(sent.headers.etag) },
    });
    expect(again.statusCode).toBe(304);
  });

  it('is not the answer to a mistyped call, a missing file or a way out of its folder', async () => {
    buildPage();
    const app = await anApp();
    for (const url of ['/api/nothing', '/assets/gone.js', '/git/x'])
      expect((await app.inject(url)).json().error.code).toBe('route_not_found');
    expect((await app.inject({ method: 'POST', url: '/projects' })).statusCode).toBe(404);
    expect((await app.inject('/../../etc/passwd')).body).not.toContain('root:');
    expect((await app.inject('/%2e%2e/%2e%2e/etc/passwd')).body).not.toContain('root:');
  });

  it.each(['bytes=0-1', 'bytes=9-1', 'bytes=', 'lines=1'])('gives its files whole, also to who asks for a part (%s)', async (range) => {
    buildPage();
    const answer = await (await anApp()).inject({ url: '/assets/main-abc123.js', headers: { range } });
    expect([answer.statusCode, answer.body]).toEqual([200, SCRIPT]);
  });

  it('says so when it was not built', async () => {
    const answer = await (await anApp()).inject('/');
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('npm run build');
  });
});

describe('https', () => {
  it('is remembered by browsers that came by it, until it is taken back, and is not spoken of over http', async () => {
    const hstsOf = async (over: Partial<HttpOptions>, headers: Record<string, string> = {}) =>
      (await (await anApp(over)).inject({ url: '/healthz', headers })).headers['strict-transport-security'];
    const behindProxy = { 'x-forwarded-proto': 'https' };
    expect(await hstsOf({})).toBeUndefined();
    expect(await hstsOf({}, behindProxy)).toBeUndefined();
    expect(await hstsOf({ trustedProxies: 1 }, behindProxy)).toBe('max-age=15552000');
    expect(await hstsOf({ publicUrl: 'https://ci.example' })).toBe('max-age=15552000');
    expect(await hstsOf({ publicUrl: 'https://ci.example', hsts: false })).toBe('max-age=0');
  });
});

it('says with every 401 what is wanted, unless the route has said it', async () => {
  const app = await anApp();
  app.get('/api/x', () => Promise.reject(new DomainError('unauthenticated', 'bad_token', 'This token is not known.')));
  app.get('/git/x', (_request, reply) => reply.code(401).header('www-authenticate', 'Basic realm="Slipway"').send(''));
  expect((await app.inject('/api/x')).headers['www-authenticate']).toBe('Bearer realm="Slipway"');
  expect((await app.inject('/git/x')).headers['www-authenticate']).toBe('Basic realm="Slipway"');
});
