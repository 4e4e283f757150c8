import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HealthProbe } from './health-check.js';

const TIMEOUT_MS = 1_000;
let server: Server;
let probe: HealthProbe;
let answer: RequestListener;
const sockets: Socket[] = [];
let requests = 0;

beforeEach(async () => {
  sockets.length = requests = 0;
  answer = (_request, response) => response.end('well');
  server = createServer((request, response) => {
    requests++;
    answer(request, response);
  });
  server.on('connection', (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  probe = new HealthProbe((server.address() as AddressInfo).port, { path: '/health' });
});
afterEach(async () => {
  probe[Symbol.dispose]();
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
});

const isHealthy = async () => (await probe.check(TIMEOUT_MS)).healthy;
const open = () => sockets.filter((socket) => !socket.closed);

/** As an application does that closes an idle connection while the next check is on its way. */
const breakReused: RequestListener = (request, response) => {
  if (seen.has(request.socket)) request.socket.resetAndDestroy();
  else response.end();
  seen.add(request.socket);
};
const seen = new WeakSet<Socket>();

describe('a health check', () => {
  it.each([
    [204, true],
    [302, true],
    [404, false],
    [500, false],
  ])('takes %i for healthy: %s', async (status, healthy) => {
    answer = (_request, response) => response.writeHead(status).end();
    expect(await probe.check(TIMEOUT_MS)).toMatchObject({ healthy, told: `answered ${status}` });
  });

  it('says the name that the pipeline gives as Host, else the address that is asked', async () => {
    const { port } = server.address() as AddressInfo;
    const said: (string | undefined)[] = [];
    answer = (request, response) => response.writeHead(said.push(request.headers.host) > 0 ? 200 : 500).end();
    await probe.check(TIMEOUT_MS);
    using named = new HealthProbe(port, { path: '/health', host: 'shop.example:8080' });
    await named.check(TIMEOUT_MS);
    expect(said).toEqual([`127.0.0.1:${port}`, 'shop.example:8080']);
  });

  it('goes over the connection of the one before, but over a new one now and then', async () => {
    for (let n = 0; n < 20; n++) expect(await isHealthy()).toBe(true);
    expect(sockets).toHaveLength(1);
    expect(await isHealthy()).toBe(true);
    expect(sockets).toHaveLength(2);
    await vi.waitFor(() => expect(open()).toHaveLength(1));
  });

  it('notices within so many checks that nothing listens any more, though the connection that it has is still served', async () => {
    expect(await isHealthy()).toBe(true);
    const closed = new Promise<unknown>((resolve) => NetServer.prototype.close.call(server, resolve)); // an HTTP server closes what is idle too
    expect(await isHealthy()).toBe(true);
    const answers: boolean[] = [];
    for (let n = 0; n < 19; n++) answers.push(await isHealthy());
    expect(answers.at(-1)).toBe(false);
    expect(await probe.check(TIMEOUT_MS)).toMatchObject({ told: 'was refused: nothing listens on the port given by PORT' });
    await closed;
  });

  it('lets an idle connection go', async () => {
    await isHealthy();
    await vi.waitFor(() => expect(open()).toHaveLength(0), { timeout: 3_000 });
    expect(await isHealthy()).toBe(true);
  });

  it('is made again on a new connection when a kept one turns out to be closed, and is well if that is answered', async () => {
    answer = breakReused;
    for (let n = 0; n < 3; n++) expect(await isHealthy()).toBe(true);
    expect(sockets.length).toBeGreaterThan(2);
  });

  it('is ill when a new connection is broken, and asks no third time', async () => {
    await isHealthy();
    answer = (request) => request.socket.destroy();
    expect(await probe.check(TIMEOUT_MS)).toMatchObject({ healthy: false, told: expect.stringContaining('got a broken connection') });
    expect(requests).toBe(3);
    expect(await isHealthy()).toBe(false);
    expect(requests).toBe(4);
  });

  it('is ill when it is not answered in time, on a kept connection too, and does not ask again', async () => {
    await isHealthy();
    answer = () => undefined;
    expect(await probe.check(50)).toMatchObject({ healthy: false, told: 'was not answered within 50 ms' });
    expect(requests).toBe(2);
    answer = (_request, response) => response.end();
    expect(await isHealthy()).toBe(true);
  });

  it('may take longer than an idle connection is kept', async () => {
    answer = (_request, response) => setTimeout(() => response.end(), 1_300);
    expect((await probe.check(3_000)).healthy).toBe(true);
  });

  it.each([
    ['never ends', (write: () => void) => setInterval(write, 10).unref()],
    ['is large', (write: () => void) => Array.from({ length: 200 }, write)],
  ])('needs no body: one that %s holds no connection after the next check', async (_how, writeMore) => {
    answer = (_request, response) => {
      response.write('x');
      writeMore(() => !response.destroyed && response.write('x'.repeat(1_000)));
    };
    for (let n = 0; n < 5; n++) expect(await isHealthy()).toBe(true);
    await vi.waitFor(() => expect(open().length).toBeLessThanOrEqual(1), { timeout: TIMEOUT_MS / 2 });
  });

  it('holds no connection once it is over', async () => {
    await isHealthy();
    probe[Symbol.dispose]();
    await vi.waitFor(() => expect(open()).toEqual([]));
  });
});

describe('a warm-up', () => {
  /** A busy machine takes its time. */
  const ANY_MS = 60_000;
  const warmUpMs = async (stop = new AbortController().signal, mostMs?: number) => {
    const startedAt = performance.now();
    await probe.warmUp(stop, mostMs);
    return performance.now() - startedAt;
  };

  it('is some dozens of checks, over few connections', async () => {
    await warmUpMs(undefined, ANY_MS);
    expect(requests).toBeGreaterThan(20);
    expect(requests).toBeLessThanOrEqual(50);
    expect(sockets.length).toBeLessThanOrEqual(3);
  });

  it('takes no longer than a moment, whatever the checks take', async () => {
    answer = (_request, response) => setTimeout(() => response.end(), 100);
    expect(await warmUpMs()).toBeLessThan(1_000);
    expect(requests).toBeLessThan(5);
    answer = (_request, response) => void response.write('and so on');
    expect(await warmUpMs()).toBeLessThan(1_000);
  });

  it('ends at the first answer that is not good, and when it is not wanted any more', async () => {
    answer = (_request, response) => response.writeHead(requests < 3 ? 200 : 503).end();
    await warmUpMs(undefined, ANY_MS);
    expect(requests).toBe(3);
    await warmUpMs(AbortSignal.abort());
    expect(requests).toBe(3);
  });
});
