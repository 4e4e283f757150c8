import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentRoutes } from '@slipway/protocol';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { startRouter } from './app.js';
import { readConfig } from './config.js';
import { Environment } from './environment.js';
import { Environments, type EnvironmentsOptions } from './environments.js';
import { writeFiles } from './haproxy/files.js';
import { RuntimeSilent } from './haproxy/runtime-socket.js';
import { RouteStore } from './route-store.js';
import { Served } from './served.js';
import { control, testRouter } from './testing/control-client.js';
import { freePort, killHaproxy } from './testing/processes.js';
import { Wire } from './testing/wire.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function application(name: string) {
  const server = createServer((_, response) => response.end(name)).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { releaseId: randomUUID(), instanceId: randomUUID(), host: '127.0.0.1', port, weight: 100 };
}

const text = async (url: string) => (await fetch(url)).text();

describe('A new HAProxy', () => {
  it('leaves to the one before what that has in hand: the next request of a connection that is kept is answered', async () => {
    await using router = await testRouter();
    const backends = [await application('ok')];
    await router.route(backends);
    const client = await Wire.open(router.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await client.message('GET')).toMatchObject({ start: 'HTTP/1.1 200 OK' });
    await router.route(backends, { options: { maxBodyBytes: 10 } });
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await client.message('GET')).toMatchObject({ start: 'HTTP/1.1 200 OK', body: expect.stringContaining('ok') });
    client.close();
  });

  it('comes up also when the one before is killed meanwhile', async () => {
    await using router = await testRouter();
    const backends = [await application('ok')];
    await router.route(backends);
    for (let maxBodyBytes = 1; maxBodyBytes < 4; maxBodyBytes++) {
      const routed = router.route(backends, { options: { maxBodyBytes } });
      await killHaproxy(router.dir);
      expect(await routed).toMatchObject({ status: 200 });
      await expect.poll(() => text(router.url).catch(() => null), { interval: 5 }).toBe('ok');
      expect((await router.read()).options).toMatchObject({ maxBodyBytes });
    }
  });

  it('writes to the pipe that is read, when somebody has removed the one before', async () => {
    await using router = await testRouter();
    await router.route([await application('ok')]);
    await rm(join(router.dir, 'traffic'));
    await router.restart();
    expect(await text(router.url)).toBe('ok');
    await expect.poll(async () => (await router.read()).traffic).toMatchObject([{ served: 1 }]);
  });

  it('serves all, when two saved environments have one number', async () => {
    await using router = await testRouter();
    await router.route([]);
    const store = new RouteStore(router.dir, pino({ level: 'silent' }));
    const ports = [await freePort(), await freePort()];
    for (const [i, port] of ports.entries()) {
      const routes = EnvironmentRoutes.parse({ generation: 1, port, drainMs: 0, backends: [await application(`${i}`)] });
      await store.save(new Environment(randomUUID(), 1, routes));
    }
    await router.restart({ haproxy: true });
    expect(await Promise.all(ports.map((port) => text(`http://127.0.0.1:${port}`)))).toEqual(['0', '1']);
  });
});

it('is made for what stands in files, too, when the router was killed before it', async () => {
  await using router = await testRouter();
  await router.route([], { options: { maintenance: 'Back at noon.' } });
  const options = { maintenance: 'Back at five.' };
  const routes = EnvironmentRoutes.parse({ generation: 2, port: router.port, drainMs: 0, backends: [], options });
  await new RouteStore(router.dir, pino({ level: 'silent' })).save(new Environment(router.environmentId, 1, routes));
  await router.restart();
  expect(await text(router.url)).toContain('Back at five.');
});

it('keeps no keys of environments that are gone', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-files-'));
  const routes = EnvironmentRoutes.parse({ generation: 1, port: 1, drainMs: 0, backends: [], options: { certificates: ['key'] } });
  await writeFiles(dir, [new Environment(randomUUID(), 1, routes)]);
  expect(await readdir(join(dir, 'certificates-1'))).toEqual(['1-0.pem']);
  await writeFiles(dir, []);
  expect((await readdir(dir)).filter((name) => name.startsWith('certificates'))).toEqual([]);
  await rm(dir, { recursive: true });
});

it('goes on with the HAProxy that runs, when that can not be brought up to date', async () => {
  await using router = await testRouter();
  await router.route([await application('ok')]);
  const taken = createServer().listen(0);
  servers.push(taken);
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const environment = new Environment(randomUUID(), 7, EnvironmentRoutes.parse({ generation: 1, port, drainMs: 0, backends: [] }));
  await new RouteStore(router.dir, pino({ level: 'silent' })).save(environment);
  await router.restart();
  expect(await text(router.url)).toBe('ok');
  expect((await control(router.socket, 'GET', `/environments/${environment.environmentId}`)).status).toBe(404);
});

it('says that its folder has too long a path', async () => {
  const SLIPWAY_ROUTER_DIR = `/tmp/${'l'.repeat(100)}`;
  const config = readConfig({ ...process.env, SLIPWAY_ROUTER_DIR, SLIPWAY_ROUTER_SOCKET: '/tmp/c.sock', SLIPWAY_LOG_LEVEL: 'silent' });
  await expect(startRouter(config)).rejects.toThrow(/SLIPWAY_ROUTER_DIR to one of at most \d\d bytes/);
});

it('says routes again that HAProxy may not have heard', async () => {
  const said: string[] = [];
  let silent = true;
  const fleet = {
    reload: async () => {},
    setMap: async () => {},
    counts: async () => new Map(),
    sync: async (_: string, wanted: { name: string }[]) => {
      if (silent) throw new RuntimeSilent('silent');
      said.push(...wanted.map(({ name }) => name));
    },
  };
  const store = { save: async () => {} };
  const options = { fleet, store, pipe: { takeAll: () => false }, served: new Served(), logger: pino({ level: 'silent' }) };
  const environments = new Environments(options as unknown as EnvironmentsOptions);
  const backend = { releaseId: randomUUID(), instanceId: randomUUID(), host: '127.0.0.1', port: 1, weight: 100 };
  const [id, routes] = [randomUUID(), EnvironmentRoutes.parse({ generation: 1, port: await freePort(), drainMs: 0, backends: [backend] })];
  await expect(environments.apply(id, routes)).rejects.toThrow('silent');
  silent = false;
  await environments.apply(id, structuredClone(routes));
  await environments.apply(id, structuredClone(routes));
  expect(said).toEqual([`${backend.releaseId}.${backend.instanceId}`]);
  await environments.close();
});

it('takes no instance for drained before HAProxy has taken it out', async () => {
  let takenOut: Promise<void> = Promise.resolve();
  const fleet = { reload: async () => {}, setMap: async () => {}, counts: async () => new Map(), sync: () => takenOut };
  const served = new Served();
  const options = { fleet, store: { save: async () => {} }, pipe: { takeAll: () => 0 }, served, logger: pino({ level: 'silent' }) };
  const environments = new Environments(options as unknown as EnvironmentsOptions);
  const aBackend = () => ({ releaseId: randomUUID(), instanceId: randomUUID(), host: '127.0.0.1', port: 1, weight: 100 });
  const [id, port] = [randomUUID(), await freePort()];
  const route = (generation: number) =>
    environments.apply(id, EnvironmentRoutes.parse({ generation, port, drainMs: 60_000, backends: [aBackend()] }));
  await route(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  takenOut = promise;
  const switched = route(2);
  await sleep(300); // some sweeps, which find it without a request at the moment
  expect(served.get(id)?.drainingInstances()).toHaveLength(1);
  resolve();
  await switched;
  await expect.poll(() => served.get(id)?.drainingInstances()).toEqual([]);
  await environments.close();
});

it('refuses what HAProxy would stumble over at its next start', async () => {
  await using router = await testRouter();
  const backend = await application('ok');
  for (const host of ['127.0.0.1\n  server evil 127.0.0.1:1', 'no.such.host.invalid', '127.0.0.1 weight 0', ''])
    expect((await router.route([{ ...backend, host }])).status).toBe(400);
  expect((await router.route([backend, { ...backend, port: 1 }])).status).toBe(400);
  expect((await router.route([backend])).status).toBe(200);
  expect((await control(router.socket, 'GET', '/healthz')).status).toBe(200);
});
