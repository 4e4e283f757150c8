import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testRouter } from './testing/control-client.js';
import { freePort, startSampleApp } from './testing/processes.js';

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

async function application(listener: RequestListener, releaseId: string = randomUUID()) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { releaseId, instanceId: randomUUID(), host: '127.0.0.1', port, weight: 100 };
}

/** Sends bytes as they are and answers everything that comes back until the connection ends. */
async function raw(text: string): Promise<string> {
  const socket = connect(router.port, '127.0.0.1');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}

async function ask(options: {
  method?: string;
  path?: string;
  headers?: Record<string, string | string[]>;
}): Promise<IncomingMessage & { text: string }> {
  const asking = request({ host: '127.0.0.1', port: router.port, agent: false, ...options }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer) text += chunk;
  return Object.assign(answer, { text });
}

describe('the router', () => {
  it('says clearly when nothing is deployed, to people and to programs', async () => {
    await router.route([]);
    const program = await ask({});
    expect([program.statusCode, program.text]).toEqual([503, expect.stringContaining('No release serves here yet')]);
    const browser = await ask({ headers: { accept: 'text/html,*/*' } });
    expect(browser.headers['content-type']).toContain('text/html');
    expect(browser.text).toContain('<h1>No release serves here yet</h1>');
  });

  it('keeps Host, repeated headers and their case; drops what belongs to one connection; says who asked', async () => {
    let seen: IncomingMessage | undefined;
    await router.route([
      await application((incoming, response) => {
        seen = incoming;
        response.writeHead(200, [
          'Set-Cookie',
          'a=1',
          'Set-Cookie',
          'b=2',
          'X-Case',
          'kept',
          'Keep-Alive',
          'timeout=9',
          'Connection',
          'X-Hop',
          'X-Hop',
          'no',
        ]);
        response.end();
      }),
    ]);
    const headers = { Host: 'shop.example', 'X-Many': ['1', '2'], Connection: 'X-Secret-Hop', 'X-Secret-Hop': 'no', TE: 'trailers' };
    const answer = await ask({ path: '/a%20b?c=d&e', headers });
    expect(seen?.url).toBe('/a%20b?c=d&e');
    expect(seen?.headers).toMatchObject({
      host: 'shop.example',
      'x-many': '1, 2',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'shop.example',
      'x-forwarded-proto': 'http',
    });
    expect(seen?.headers).not.toHaveProperty('x-secret-hop');
    expect(seen?.headers).not.toHaveProperty('te');
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(answer.rawHeaders).toContain('X-Case');
    expect(answer.headers).not.toHaveProperty('x-hop');
  });

  it('answers HEAD, 204 and 304 without a body and keeps the connection in order', async () => {
    await router.route([
      await application((incoming, response) => {
        if (incoming.url === '/none') response.writeHead(204).end();
        else if (incoming.url === '/same') response.writeHead(304, { ETag: '"1"' }).end();
        else response.writeHead(200, { 'Content-Length': 5 }).end('hello');
      }),
    ]);
    const get = (method: string, path: string, more = '') => `${method} ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
    const answer = await raw(get('HEAD', '/') + get('GET', '/none') + get('GET', '/same') + get('GET', '/', 'Connection: close\r\n'));
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 204', 'HTTP/1.1 304', 'HTTP/1.1 200']);
    expect(answer.match(/Content-Length: 5/g)).toHaveLength(2);
    expect(answer.match(/hello/g)).toHaveLength(1);
  });

  it('tells a client that asks first to send its body only once a backend takes it', async () => {
    await router.route([await application((incoming, response) => incoming.pipe(response))]);
    const asking = request({ port: router.port, method: 'POST', headers: { Expect: '100-continue', 'Content-Length': 4 } });
    asking.flushHeaders();
    await once(asking, 'continue');
    asking.end('body');
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    expect((await answer.toArray()).join('')).toBe('body');
    await router.route([]);
    const refused = request({ port: router.port, method: 'POST', headers: { Expect: '100-continue', 'Content-Length': 4 } });
    refused.flushHeaders();
    let continued = false;
    refused.once('continue', () => {
      continued = true;
    });
    expect(((await once(refused, 'response')) as [IncomingMessage])[0].statusCode).toBe(503);
    expect(continued).toBe(false);
    refused.destroy();
  });

  it('streams: the first event arrives before the second is made, and trailers at the end', async () => {
    await router.route([
      await application((_, response) => {
        response.writeHead(200, { Trailer: 'X-Sum' });
        response.write('first');
        setTimeout(() => {
          response.addTrailers({ 'X-Sum': '12' });
          response.end('second');
        }, 200);
      }),
    ]);
    const asking = request({ port: router.port }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    const startedAt = performance.now();
    const [first] = await once(answer, 'data');
    expect([String(first), performance.now() - startedAt < 150]).toEqual(['first', true]);
    await once(answer, 'end');
    expect(answer.trailers).toEqual({ 'x-sum': '12' });
  });

  it('holds back a fast application while the client reads slowly, and a fast client while the application does', async () => {
    const chunk = Buffer.alloc(64 * 1024);
    let written = 0;
    await router.route([
      await application((incoming, response) => {
        if (incoming.method === 'POST') return; // never reads
        const write = () => {
          while (written < 500 * 1024 * 1024) {
            written += chunk.length;
            if (!response.write(chunk)) return response.once('drain', write);
          }
        };
        write();
      }),
    ]);
    const slowReader = request({ port: router.port }).end();
    const [answer] = (await once(slowReader, 'response')) as [IncomingMessage];
    answer.pause();
    const upload = request({ port: router.port, method: 'POST' });
    let sent = 0;
    const send = () => {
      while (sent < 500 * 1024 * 1024) {
        sent += chunk.length;
        if (!upload.write(chunk)) return upload.once('drain', send);
      }
    };
    upload.on('error', () => {});
    send();
    await sleep(800);
    expect(written).toBeLessThan(40 * 1024 * 1024);
    expect(sent).toBeLessThan(40 * 1024 * 1024);
    slowReader.destroy();
    upload.destroy();
  });

  it('gives a request to another instance when one refuses the connection, body included', async () => {
    const dead = { releaseId: randomUUID(), instanceId: randomUUID(), host: '127.0.0.1', port: await freePort(), weight: 100 };
    const alive = await application((incoming, response) => incoming.pipe(response), dead.releaseId);
    await router.route([dead, alive]);
    const bodies = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => (await fetch(router.url, { method: 'POST', body: `body ${n}` })).text()),
    );
    expect(bodies).toEqual(Array.from({ length: 10 }, (_, n) => `body ${n}`));
    expect((await router.read()).traffic).toMatchObject([{ served: 10, failed: 0 }]);
  });

  it('gives nothing to a stranger who has taken the port of an instance that ended', async () => {
    const app = await startSampleApp('own');
    const [stat, pidNamespace] = [readFileSync(`/proc/${app.child.pid}/stat`, 'utf8'), readlinkSync('/proc/self/ns/pid')];
    const listener = { pid: app.child.pid ?? 0, startTime: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]), pidNamespace };
    await router.route([{ ...app.backend, listener }]);
    expect((await fetch(router.url)).status).toBe(200);
    await app.kill();
    const stranger = createServer((_, response) => response.end('stranger')).listen(app.backend.port, '127.0.0.1');
    stranger.on('upgrade', (_, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\nstranger'));
    servers.push(stranger);
    await once(stranger, 'listening');
    expect((await fetch(router.url)).status).toBe(502);
    const upgrade = `GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    expect(await raw(upgrade)).toMatch(/^HTTP\/1.1 502 /);
    // In a container of its own the router can't see the agent's processes.
    await router.route([{ ...app.backend, listener: { ...listener, pidNamespace: 'pid:[1]' } }]);
    expect(await (await fetch(router.url)).text()).toBe('stranger');
  });

  it('never repeats a request that may have reached the application', async () => {
    let asked = 0;
    const listener: RequestListener = (incoming) => {
      asked++;
      incoming.socket.destroy();
    };
    const first = await application(listener);
    await router.route([first, await application(listener, first.releaseId)]);
    expect((await fetch(router.url, { method: 'POST', body: 'pay' })).status).toBe(502);
    expect(asked).toBe(1);
    expect((await router.read()).traffic).toMatchObject([{ served: 0, failed: 1 }]);
  });

  it('lets the application know that a client has left', async () => {
    const left = Promise.withResolvers<void>();
    await router.route([await application((incoming) => incoming.socket.once('close', left.resolve))]);
    const asking = request({ port: router.port }).end();
    asking.on('error', () => {});
    await sleep(50);
    asking.destroy();
    await left.promise;
    await expect.poll(async () => (await router.read()).traffic).toMatchObject([{ served: 0, failed: 0, cut: 0, inFlight: 0 }]);
  });

  it('refuses requests that two servers could read differently', async () => {
    let asked = 0;
    await router.route([
      await application((_, response) => {
        asked++;
        response.end();
      }),
    ]);
    const post = (headers: string, body = '0\r\n\r\n') => raw(`POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}\r\n${body}`);
    expect(await post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n')).toContain(' 400 ');
    expect(await post('Content-Length: 5\r\nContent-Length: 6\r\n')).toContain(' 400 ');
    expect(await post('Transfer-Encoding: gzip, chunked\r\n')).toContain(' 501 ');
    expect(await post('Transfer-Encoding : chunked\r\n')).toContain(' 400 ');
    expect(await raw('GET / HTTP/1.1\r\n\r\n')).toContain(' 400 ');
    expect(await raw('OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain(' 400 ');
    expect(asked).toBe(0);
  });

  it('neither shows an application the session of Slipway on the same host, nor lets it set one', async () => {
    const seen: (string | undefined)[] = [];
    await router.route([
      await application((incoming, response) => {
        seen.push(incoming.headers.cookie);
        response.setHeader('Set-Cookie', ['slipway_session=mine; Path=/', ' slipway_session =mine', 'own=2']).end();
      }),
    ]);
    const answer = await ask({ headers: { cookie: 'own=1; slipway_session=secret; slipway_sessions=3' } });
    await ask({ headers: { cookie: 'slipway_session=secret' } });
    await ask({ headers: { cookie: ['a=1', 'slipway_session=secret; b=2'] } });
    expect(seen).toEqual(['own=1; slipway_sessions=3', undefined, 'a=1; b=2']);
    expect(answer.headers['set-cookie']).toEqual(['own=2']);
  });

  it('answers in HTTP/1.1 to clients that offer HTTP/2, and passes on a declined web socket', async () => {
    await router.route([await application((_, response) => response.writeHead(418).end('a teapot'))]);
    const offered = await ask({ headers: { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQ' } });
    expect([offered.statusCode, offered.text]).toEqual([418, 'a teapot']);
    const declined = await raw('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    expect(declined).toContain('HTTP/1.1 418');
    expect(declined).toContain('a teapot');
    expect((await router.read()).traffic).toMatchObject([{ served: 2, failed: 0 }]);
  });
});
