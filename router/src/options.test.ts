import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { control, type RoutesInput, testRouter } from './testing/control-client.js';
import { freePort } from './testing/processes.js';
import { Wire } from './testing/wire.js';

let router: Awaited<ReturnType<typeof testRouter>>;
const servers: Server[] = [];
beforeEach(async () => {
  router = await testRouter();
});
afterEach(async () => {
  await router[Symbol.asyncDispose]();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function application(name: string, delayMs = 0, releaseId: string = randomUUID()) {
  const server = createServer((incoming, response) => {
    incoming.resume();
    setTimeout(() => response.end(name), delayMs);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { releaseId, instanceId: randomUUID(), host: '127.0.0.1', port, weight: 100 };
}

async function ask(
  options: { localAddress?: string; path?: string; method?: string; headers?: Record<string, string | number>; body?: string } = {},
) {
  const asking = request({ host: '127.0.0.1', port: router.port, agent: false, ...options }).end(options.body);
  const [answer] = (await once(asking, 'response')) as [import('node:http').IncomingMessage];
  const text = (await answer.toArray()).join('');
  return { status: answer.statusCode, text, headers: answer.headers };
}

const other = (environmentId: string, routes: RoutesInput) => control(router.socket, 'PUT', `/environments/${environmentId}`, routes);

describe('environments that share a port', () => {
  it('are told apart by host name and path, the narrower first', async () => {
    await router.route([await application('rest')]);
    const served = { shop: { hosts: ['shop.example'] }, wild: { hosts: ['*.example'] }, api: { hosts: ['shop.example'], paths: ['/api'] } };
    for (const [name, options] of Object.entries(served))
      expect(
        (await other(randomUUID(), { generation: 1, port: router.port, drainMs: 0, backends: [await application(name)], options })).status,
      ).toBe(200);
    const at = async (host: string, path = '/') => (await ask({ path, headers: { Host: host } })).text;
    expect(await at('shop.example')).toBe('shop');
    expect(await at('SHOP.example:8080')).toBe('shop');
    expect(await at('shop.example.')).toBe('shop');
    expect(await at('blog.example.:8080')).toBe('wild');
    expect(await at('shop.example', '/api/x')).toBe('api');
    expect(await at('shop.example', '/apis')).toBe('shop');
    expect(await at('blog.example')).toBe('wild');
    expect(await at('elsewhere')).toBe('rest');
  });

  it('can not have one address twice, and what nobody has is said to be served by nobody', async () => {
    await router.route([await application('a')], { options: { hosts: ['a.example'] } });
    const refused = await other(randomUUID(), {
      generation: 1,
      port: router.port,
      drainMs: 0,
      backends: [],
      options: { hosts: ['b.example', 'a.example'] },
    });
    expect(refused).toMatchObject({
      status: 409,
      body: { error: { code: 'address_in_use', message: expect.stringContaining('a.example') } },
    });
    expect(await ask({ headers: { Host: 'c.example' } })).toMatchObject({
      status: 404,
      text: expect.stringContaining('Nothing is served'),
    });
    expect((await ask({ headers: { Host: 'a.example' } })).text).toBe('a');
  });
});

describe('a release that is chosen by name', () => {
  it('gets those with the header or cookie, also without a weight', async () => {
    const [stable, canary] = [await application('stable'), await application('canary')];
    const picks = [
      { from: 'header' as const, name: 'X-Canary', value: 'yes', releaseId: canary.releaseId },
      { from: 'cookie' as const, name: 'canary', value: '1', releaseId: canary.releaseId },
    ];
    await router.route([stable, { ...canary, weight: 0 }], { options: { picks } });
    expect((await ask()).text).toBe('stable');
    expect((await ask({ headers: { 'X-Canary': 'yes' } })).text).toBe('canary');
    expect((await ask({ headers: { 'X-Canary': 'no' } })).text).toBe('stable');
    expect((await ask({ headers: { Cookie: 'a=b; canary=1' } })).text).toBe('canary');
  });

  it.each(['#1', '-f', '-i', '--', '!', '$HOME', 'a|b', '~'])('whatever that value is: %s', async (value) => {
    const [stable, canary] = [await application('stable'), await application('canary')];
    const picks = [{ from: 'header' as const, name: 'X-Canary#', value, releaseId: canary.releaseId }];
    expect((await router.route([stable, { ...canary, weight: 0 }], { options: { picks } })).status).toBe(200);
    expect((await ask({ headers: { 'X-Canary#': value } })).text).toBe('canary');
    expect((await ask({ headers: { 'X-Canary#': 'other' } })).text).toBe('stable');
  });

  it('is the one of this environment, when another serves the same release', async () => {
    const canary = await application('canary here');
    const elsewhere = await application('elsewhere', 0, canary.releaseId);
    const stable = await application('stable');
    const options = { picks: [{ from: 'header' as const, name: 'X-Canary', value: 'yes', releaseId: canary.releaseId }] };
    await router.route([stable, { ...canary, weight: 0 }], { options });
    await other(randomUUID(), { generation: 1, port: await freePort(), drainMs: 0, backends: [elsewhere], options });
    expect((await ask({ headers: { 'X-Canary': 'yes' } })).text).toBe('canary here');
  });

  it('keeps its clients while it is listed, and loses them to the next when it is not', async () => {
    const [old, young] = [await application('old'), await application('young')];
    const options = { sticky: 'release' as const };
    await router.route([old], { options });
    const first = await ask();
    const Cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect(Cookie).toBe(`slipway-release=${old.releaseId}`);
    await router.route([{ ...old, weight: 0 }, young], { options });
    expect((await ask()).text).toBe('young');
    expect((await ask({ headers: { Cookie } })).text).toBe('old');
    await router.route([young], { options });
    expect((await ask({ headers: { Cookie } })).text).toBe('young');
  });

  it('or an instance keeps its clients', async () => {
    const [a, b] = [await application('a'), await application('b')];
    await router.route([a, { ...b, releaseId: a.releaseId }], { options: { sticky: 'instance' } });
    const first = await ask();
    const Cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    for (let n = 0; n < 6; n++) expect((await ask({ headers: { Cookie } })).text).toBe(first.text);
  });
});

describe('limits', () => {
  it('of size refuse longer bodies, and those of unknown length', async () => {
    await router.route([await application('ok')], { options: { maxBodyBytes: 10 } });
    expect((await ask({ method: 'POST', body: '0123456789' })).status).toBe(200);
    expect(await ask({ method: 'POST', body: '0123456789a' })).toMatchObject({ status: 413, text: expect.stringContaining('too large') });
    expect((await ask({ method: 'POST', body: 'x', headers: { 'Transfer-Encoding': 'chunked' } })).status).toBe(411);
  });

  it('of rate answer 429, and are those of one environment alone', async () => {
    await router.route([await application('ok')], { options: { maxRequestsPerSecond: 20 } });
    const statuses = await Promise.all(Array.from({ length: 60 }, () => ask()));
    const refused = statuses.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    expect(statuses.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(20);
    expect((await ask({ localAddress: '127.0.0.2' })).status).toBe(200);
  });

  it('of concurrency let requests wait in a queue, and not for ever', async () => {
    const app = await application('ok', 100);
    await router.route([app], { options: { maxConcurrent: 1 } });
    const all = await Promise.all(Array.from({ length: 4 }, () => ask()));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await router.route([app], { options: { maxConcurrent: 1, maxQueueMs: 50 } });
    const some = (await Promise.all(Array.from({ length: 4 }, () => ask()))).map(({ status }) => status).sort();
    expect(some).toEqual([200, 503, 503, 503]);
    await expect.poll(async () => (await router.read()).traffic).toMatchObject([{ served: 5, failed: 3, failures: { router: 3 } }]);
  });
});

it('serves over TLS, HTTP/2 and HTTP/1.1', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-certificate-'));
  const file = (name: string) => join(folder, name);
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=shop.example',
      '-keyout',
      file('key'),
      '-out',
      file('crt'),
    ],
    { stdio: 'ignore' },
  );
  const pem = readFileSync(file('crt'), 'utf8') + readFileSync(file('key'), 'utf8');
  rmSync(folder, { recursive: true });
  expect((await router.route([await application('secure')], { options: { certificates: [pem] } })).status).toBe(200);
  const session = connectHttp2(`https://127.0.0.1:${router.port}`, { rejectUnauthorized: false });
  const stream = session.request({ ':path': '/' });
  expect((await stream.toArray()).join('')).toBe('secure');
  expect(session.alpnProtocol).toBe('h2');
  session.close();
  const broken = await router.route([await application('secure')], { options: { certificates: ['not a certificate'] } });
  expect(broken).toMatchObject({ status: 409, body: { error: { code: 'not_served' } } });
});

it('lets nobody take the connections of other ports', async () => {
  await router.restart({ haproxy: true, with: { maxConnectionsPerPort: 3 } });
  await router.route([await application('full')]);
  const port = await freePort();
  await other(randomUUID(), { generation: 1, port, drainMs: 0, backends: [await application('free')] });
  const halves = Array.from({ length: 5 }, () => connect(router.port, '127.0.0.1').on('error', () => {}));
  for (const half of halves) half.write('GET / HTTP/1.1\r\nHost: ');
  const waiting = ask();
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('free');
  for (const half of halves) half.destroy();
  expect((await waiting).text).toBe('full');
});

it('tells everybody of maintenance', async () => {
  await router.route([await application('ok')], { options: { maintenance: 'Back at <noon> & "later".' } });
  const answer = await ask({ headers: { Accept: 'text/html' } });
  expect(answer).toMatchObject({ status: 503, text: expect.stringContaining('Back at &lt;noon&gt; &amp; &quot;later&quot;.') });
});

it('writes a line of JSON for each request, whatever is in it', async () => {
  await router.route([await application('ok')], { options: { accessLog: true } });
  await ask({ path: '/a"b\\%20?c=%0a', headers: { 'User-Agent': 'some "agent"\\ 1.0' } });
  const file = join(router.dir, 'access', `${router.environmentId}.jsonl`);
  const lines = async () => {
    try {
      return readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    } catch {
      return [];
    }
  };
  await expect.poll(lines).toMatchObject([
    {
      'client.ip': '127.0.0.1',
      'http.request.method': 'GET',
      'url.original': '/a"b\\%20?c=%0a',
      'user_agent.original': 'some "agent"\\ 1.0',
      'http.response.status_code': 200,
      'event.outcome': '2xx',
    },
  ]);
});

it('writes whole lines of JSON, however long what clients say is', async () => {
  await router.route([await application('ok')], { options: { accessLog: true } });
  const long = '"\\'.repeat(2_000);
  for (let length = 0; length < 12; length++) {
    const head = `GET /${'a'.repeat(length)}${long} HTTP/1.1\r\nHost: a\r\nUser-Agent: b${'b'.repeat(length)}\t${long}\r\n\r\n`;
    const client = await Wire.open(router.port, head);
    await client.head();
    client.close();
  }
  const file = join(router.dir, 'access', `${router.environmentId}.jsonl`);
  const lines = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
  await expect.poll(() => lines().length).toBe(12);
  const lengths = lines().map((line) => {
    const { 'url.original': url, 'user_agent.original': agent } = JSON.parse(line) as Record<string, string>;
    const [, as = ''] = /^\/(a*)["\\]{200,}$/.exec(url ?? '') ?? [];
    const [, bs] = /^b(b*)\t["\\]{200,}$/.exec(agent ?? '') ?? [];
    return bs?.length === as.length ? as.length : 'not as it was said';
  });
  expect(new Set(lengths)).toEqual(new Set(Array.from({ length: 12 }, (_, length) => length)));
});

it('believes proxies what they say, and no other spelling that comes through them', async () => {
  const server = createServer((incoming, response) => response.end(JSON.stringify(incoming.headers))).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await router.restart({ haproxy: true, with: { trustedProxies: ['127.0.0.1'] } });
  await router.route([{ releaseId: randomUUID(), instanceId: randomUUID(), host: '127.0.0.1', port, weight: 100 }]);
  const evil = { X_Forwarded_For: 'evil', 'X-Forwarded_For': 'evil', Forwarded: 'for=evil', 'X-Real-IP': 'evil', X_Real_IP: 'evil' };
  const said = { 'X-Forwarded-For': '1.2.3.4, 5.6.7.8', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'shop.example' };
  expect((await ask({ headers: evil })).text).not.toContain('evil');
  const { text } = await ask({ headers: { ...evil, ...said } });
  expect(text).not.toContain('evil');
  expect(JSON.parse(text)).toMatchObject({
    'x-forwarded-for': '1.2.3.4, 5.6.7.8, 127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
    'x-real-ip': '5.6.7.8',
  });
});

it('limits and logs the clients of proxies, not the proxies', async () => {
  await router.restart({ haproxy: true, with: { trustedProxies: ['127.0.0.1'] } });
  await router.route([await application('ok')], { options: { accessLog: true, maxRequestsPerSecond: 1 } });
  const proxy = await Wire.open(router.port);
  let nth = 0;
  /** Two requests of each in one second, if the machine is not too busy for that; of other addresses each time. */
  const statuses = async () => {
    nth++;
    const clients = [`10.0.${nth}.1`, `10.0.${nth}.2`, `2001:db8:${nth}:1::1`, `2001:db8:${nth}:1::2`, `2001:db8:${nth}:2::1`];
    const asked = clients.flatMap((client) => Array(2).fill(`GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9, ${client}\r\n\r\n`));
    proxy.write(asked.join(''));
    const got: string[] = [];
    while (got.length < asked.length) got.push((await proxy.message('GET')).start.split(' ')[1] ?? '');
    return got.join(' ');
  };
  await expect.poll(statuses, { timeout: 10_000 }).toBe('200 429 200 429 200 429 429 429 200 429');
  proxy.close();
  await ask();
  const file = join(router.dir, 'access', `${router.environmentId}.jsonl`);
  const clients = () => (existsSync(file) ? readFileSync(file, 'utf8') : '').match(/(?<="client.ip":")[^"]+/g) ?? [];
  await expect.poll(() => clients().length).toBe(10 * nth + 1);
  expect(new Set(clients().slice(-5))).toEqual(new Set([`2001:db8:${nth}:1::2`, `2001:db8:${nth}:2::1`, '127.0.0.1']));
});

it('shows HAProxy’s own metrics', async () => {
  await router.route([await application('ok')]);
  const metrics = { host: '127.0.0.1', port: await freePort() };
  await router.restart({ with: { metrics } });
  const { body } = await control(router.socket, 'GET', '/haproxy/metrics');
  expect(body).toContain(`haproxy_backend_status{proxy="${router.environmentId}"`);
  const overTcp = await fetch(`http://127.0.0.1:${metrics.port}/haproxy/metrics`);
  expect(await overTcp.text()).toContain(`haproxy_backend_status{proxy="${router.environmentId}"`);
  expect((await fetch(`http://127.0.0.1:${metrics.port}/environments`)).status).toBe(404);
});
