import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testRouter } from './testing/control-client.js';
import { startSampleApp } from './testing/processes.js';

/** Nobody listens there (tcpmux), while a port that was free may be another test's by now. */
const NOBODYS_PORT = 1;

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

const traffic = async () => (await router.read()).traffic;

// What applications and clients say to each other is tested in contract/.
describe('the router', () => {
  it.each([
    ['nothing_deployed', 'No release serves here yet'],
    ['unhealthy', 'The application is not healthy'],
  ] as const)('says clearly why nothing serves (%s), to people and to programs', async (unavailable, title) => {
    await router.route([], { unavailable });
    const program = await fetch(router.url);
    expect([program.status, await program.text()]).toEqual([503, expect.stringContaining(title)]);
    const browser = await fetch(router.url, { headers: { accept: 'text/html,*/*' } });
    expect(browser.headers.get('content-type')).toContain('text/html');
    expect(await browser.text()).toContain(`<h1>${title}</h1>`);
    const refused = request({ port: router.port, method: 'POST', headers: { Expect: '100-continue', 'Content-Length': 4 } });
    refused.once('continue', () => expect.fail('nobody would take the body'));
    refused.flushHeaders();
    expect(((await once(refused, 'response')) as [IncomingMessage])[0].statusCode).toBe(503);
    refused.destroy();
  });

  it('gives a request to another instance when one refuses the connection, body included', async () => {
    const dead = { releaseId: randomUUID(), instanceId: randomUUID(), host: '127.0.0.1', port: NOBODYS_PORT, weight: 100 };
    const alive = await application((incoming, response) => incoming.pipe(response), dead.releaseId);
    await router.route([dead, alive]);
    const bodies = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => (await fetch(router.url, { method: 'POST', body: `body ${n}` })).text()),
    );
    expect(bodies).toEqual(Array.from({ length: 10 }, (_, n) => `body ${n}`));
    await expect.poll(traffic).toMatchObject([{ served: 10, failed: 0 }]);
  });

  it('gives nothing to a stranger who has taken the port of an instance that ended', async () => {
    const app = await startSampleApp('own');
    const [stat, pidNamespace] = [readFileSync(`/proc/${app.child.pid}/stat`, 'utf8'), readlinkSync('/proc/self/ns/pid')];
    const listener = { pid: app.child.pid ?? 0, startTime: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]), pidNamespace };
    await router.route([{ ...app.backend, listener }]);
    expect((await fetch(router.url)).status).toBe(200);
    await app.kill();
    const stranger = createServer((_, response) => response.end('stranger')).listen(app.backend.port, '127.0.0.1');
    servers.push(stranger);
    await once(stranger, 'listening');
    await expect.poll(() => fetch(router.url).then(({ status }) => status)).toBe(503);
    await router.route([{ ...app.backend, listener }]); // an agent that has not noticed yet
    expect((await fetch(router.url)).status).toBe(503);
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
    await expect.poll(traffic).toMatchObject([{ served: 0, failed: 1, failures: { reset: 1 } }]);
  });

  it('lets the application know that a client has left, and counts that apart', async () => {
    const [arrived, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const app = await application((incoming) => {
      incoming.socket.once('close', left.resolve);
      arrived.resolve();
    });
    await router.route([app]);
    const asking = request({ port: router.port }).end();
    asking.on('error', () => {});
    await arrived.promise;
    await expect.poll(traffic).toMatchObject([{ inFlight: 1 }]);
    asking.destroy();
    await left.promise;
    await expect.poll(traffic).toMatchObject([{ served: 0, failed: 0, cut: 0, aborted: 1, inFlight: 0 }]);
  });

  it('counts each request once, by how it ended, with its bytes and its time', async () => {
    const app = await application(async (incoming, response) => {
      if (incoming.url === '/late') await sleep(60);
      response.writeHead(incoming.url === '/bad' ? 500 : 200).end('x'.repeat(10_000));
    });
    const gone = { ...app, releaseId: randomUUID(), instanceId: randomUUID(), port: NOBODYS_PORT };
    await router.route([app]);
    for (const path of ['/', '/bad', '/late']) await (await fetch(`${router.url}${path}`)).text();
    await router.route([gone]);
    expect((await fetch(router.url)).status).toBe(503);
    await expect.poll(traffic).toMatchObject([
      { served: 2, failed: 1, failures: { application: 1, connect: 0, reset: 0, router: 0 }, aborted: 0, cut: 0 },
      { served: 0, failed: 1, failures: { connect: 1 } },
    ]);
    const [{ latency, bytesIn, bytesOut }] = (await traffic()) as [Awaited<ReturnType<typeof traffic>>[0]];
    expect(bytesIn).toBeGreaterThan(150);
    expect(bytesOut).toBeGreaterThan(30_000);
    expect(latency.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(latency.slice(15).reduce((sum, count) => sum + count, 0)).toBe(1); // above 50 ms
  });

  it('spreads the traffic by weight', async () => {
    const asked = { a: 0, b: 0 };
    const [a, b] = [
      await application((_, response) => response.end(String(asked.a++))),
      await application((_, response) => response.end(String(asked.b++))),
    ];
    await router.route([
      { ...a, weight: 99 },
      { ...b, weight: 1 },
    ]);
    for (let n = 0; n < 300; n++) await (await fetch(router.url)).text();
    expect(asked.a + asked.b).toBe(300);
    expect(asked.b).toBeGreaterThanOrEqual(2);
    expect(asked.b).toBeLessThanOrEqual(4);
  });
});
