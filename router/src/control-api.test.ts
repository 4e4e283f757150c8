import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentRoutes } from '@slipway/protocol';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { startRouter } from './app.js';
import { Environment } from './environment.js';
import { RouteStore } from './route-store.js';
import { control, testRouter } from './testing/control-client.js';
import { freePort, killHaproxy, type SampleApp, startSampleApp } from './testing/processes.js';

const apps: SampleApp[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.kill())));
const start = async (name: string) => {
  const app = await startSampleApp(name);
  apps.push(app);
  return app;
};

describe('the control API', () => {
  it('can be reached by its owner alone', async () => {
    await using router = await testRouter();
    expect((await stat(router.socket)).mode & 0o777).toBe(0o600);
  });

  it('refuses a smaller generation, repeats an equal one, and goes on serving what it served', async () => {
    await using router = await testRouter();
    const [one, two] = [await start('one'), await start('two')];
    await router.route([one.backend], { generation: 5 });
    expect(await router.route([two.backend], { generation: 4 })).toMatchObject({
      status: 409,
      body: { error: { code: 'stale_generation' } },
    });
    expect(await router.route([one.backend], { generation: 5 })).toMatchObject({ status: 200, body: { generation: 5 } });
    expect(await (await fetch(router.url)).text()).toBe('one');
  });

  it('says which port is taken, and keeps the old one', async () => {
    await using router = await testRouter();
    const app = await start('one');
    await router.route([app.backend]);
    const squatter = createServer().listen(0);
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const refused = await router.route([app.backend], { port });
    expect(refused).toMatchObject({
      status: 409,
      body: { error: { code: 'port_in_use', message: expect.stringContaining(String(port)) } },
    });
    expect(await (await fetch(router.url)).text()).toBe('one');
    squatter.close();
  });

  it('moves an environment to another port', async () => {
    await using router = await testRouter();
    const app = await start('one');
    await router.route([app.backend]);
    const port = await freePort();
    await router.route([app.backend], { port });
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('one');
    await expect(fetch(router.url)).rejects.toThrow();
  });

  it('frees the port of an environment that is removed, at once and for good', async () => {
    await using router = await testRouter();
    await router.route([(await start('one')).backend]);
    await fetch(router.url).then((answer) => answer.text());
    const remove = () => control(router.socket, 'DELETE', `/environments/${router.environmentId}`);
    expect((await remove()).status).toBe(204);
    const squatter = createServer().listen(router.port);
    await once(squatter, 'listening');
    squatter.close();
    expect((await remove()).status).toBe(204);
    await router.restart();
    expect(await control(router.socket, 'GET', `/environments/${router.environmentId}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'not_routed' } },
    });
  });

  it('answers wrong requests with what is wrong', async () => {
    await using router = await testRouter();
    expect(await router.route([], { port: 70_000 })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('port') } },
    });
    expect(await control(router.socket, 'PUT', '/environments/../etc', {})).toMatchObject({ status: 404 });
    expect(await control(router.socket, 'GET', '/')).toMatchObject({ status: 404, body: { error: { code: 'unknown_path' } } });
  });

  it('gives counts by environment, release and status to Prometheus', async () => {
    await using router = await testRouter();
    const { backend } = await start('one');
    await router.route([backend]);
    await fetch(router.url).then((answer) => answer.text());
    await expect.poll(async () => (await router.read()).traffic).toMatchObject([{ served: 1 }]);
    const { body } = await control(router.socket, 'GET', '/metrics');
    expect(body).toContain(
      `slipway_router_requests_total{environment="${router.environmentId}",release="${backend.releaseId}",class="2xx"} 1`,
    );
    expect(body).toContain(`slipway_router_latency_seconds_count{environment="${router.environmentId}",release="${backend.releaseId}"} 1`);
  });
});

describe('a restart', () => {
  it('keeps routes and counters', async () => {
    await using router = await testRouter();
    const app = await start('one');
    await router.route([app.backend]);
    await fetch(router.url).then((answer) => answer.text());
    await router.restart();
    await expect.poll(async () => (await router.read()).traffic).toMatchObject([{ served: 1 }]);
    expect(await (await fetch(router.url)).text()).toBe('one');
    await expect.poll(async () => (await router.read()).traffic).toMatchObject([{ served: 2 }]);
  });

  it('touches no request when it is killed, and its successor takes over the HAProxy that runs', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-router-'));
    const socket = join(dir, 'control.sock');
    const [environmentId, port, app] = [randomUUID(), await freePort(), await start('one')];
    const url = `http://127.0.0.1:${port}`;
    const children: ChildProcess[] = [];
    try {
      children.push(await routerProcess(dir, socket));
      await control(socket, 'PUT', `/environments/${environmentId}`, { generation: 1, port, drainMs: 0, backends: [app.backend] });
      const slow = fetch(`${url}/wait`).then((answer) => answer.text());
      await expect.poll(async () => inFlight(await control(socket, 'GET', `/environments/${environmentId}`))).toBe(1);
      children[0]?.kill('SIGKILL');
      await once(children[0] as ChildProcess, 'exit');
      expect(await (await fetch(url)).text()).toBe('one');
      await app.go();
      expect(await slow).toBe('one');
      children.push(await routerProcess(dir, socket));
      expect(await (await fetch(url)).text()).toBe('one');
      await expect
        .poll(async () => (await control(socket, 'GET', `/environments/${environmentId}`)).body.traffic)
        .toMatchObject([{ served: 3, inFlight: 0 }]);
    } finally {
      children.at(-1)?.disconnect(); // ends HAProxy too
      await once(children.at(-1) as ChildProcess, 'exit');
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('has HAProxy back at once when that is killed', async () => {
    await using router = await testRouter();
    const app = await start('one');
    await router.route([app.backend]);
    expect(await (await fetch(router.url)).text()).toBe('one');
    await expect.poll(async () => (await router.read()).traffic).toMatchObject([{ served: 1 }]);
    for (let n = 2; n < 5; n++) {
      await killHaproxy(router.dir);
      await expect
        .poll(
          () =>
            fetch(router.url)
              .then((answer) => answer.text())
              .catch(() => null),
          { interval: 5 },
        )
        .toBe('one');
      await expect.poll(async () => (await router.read()).traffic).toMatchObject([{ served: n }]);
    }
  });

  it('leaves out a broken file and a port that was taken meanwhile, and serves the rest', async () => {
    await using router = await testRouter();
    const app = await start('one');
    await router.route([app.backend]);
    await writeFile(join(router.dir, 'environments', `${randomUUID()}.json`), '{"generation": 1');
    const store = new RouteStore(router.dir, pino({ level: 'silent' }));
    const routes = EnvironmentRoutes.parse({ generation: 1, port: router.port, drainMs: 0, backends: [] });
    await store.save(new Environment(randomUUID(), 7, routes));
    await router.restart({ haproxy: true });
    expect((await control(router.socket, 'GET', '/healthz')).status).toBe(200);
  });

  it('is refused while another router has the socket', async () => {
    await using router = await testRouter();
    await expect(startRouter(router.config)).rejects.toThrow('another router');
  });
});

const inFlight = ({ body }: Awaited<ReturnType<typeof control>>) => body.traffic[0]?.inFlight;

async function routerProcess(dir: string, socket: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../dist/main.js')], {
    env: { SLIPWAY_ROUTER_DIR: dir, SLIPWAY_ROUTER_SOCKET: socket, SLIPWAY_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}
