import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { testRouter } from './testing/control-client.js';
import { steadyLoad } from './testing/load.js';
import { type SampleApp, startSampleApp } from './testing/processes.js';

const apps: SampleApp[] = [];
const start = async (name: string) => {
  const app = await startSampleApp(name);
  apps.push(app);
  return app;
};
afterEach(() => Promise.all(apps.splice(0).map((app) => app.kill())));

/** Takes the old release away as a deploy agent does: routed elsewhere, waited for, then ended. */
async function replace(router: Awaited<ReturnType<typeof testRouter>>, before: SampleApp, after: SampleApp) {
  await router.route([after.backend]);
  const inFlight = async () => (await router.read()).traffic.find(({ releaseId }) => releaseId === before.backend.releaseId)?.inFlight;
  while ((await inFlight()) !== 0) await sleep(10);
  await before.kill();
}

describe('a switch under load', () => {
  it('fails no request in 10 switches, whether short, slow or with a body, and tells web sockets to go', async () => {
    await using router = await testRouter();
    let present = await start('v0');
    await router.route([present.backend]);
    const stop = new AbortController();
    const load = steadyLoad(router.url, 300, stop.signal);
    const slow: Promise<string>[] = [];
    const webSocket = new WebSocket(router.url.replace('http', 'ws'));
    await once(webSocket, 'open');
    const closed = once(webSocket, 'close') as Promise<[CloseEvent]>;
    webSocket.send('before the switch');
    expect(((await once(webSocket, 'message')) as [MessageEvent])[0].data).toBe('before the switch');

    for (let n = 1; n <= 10; n++) {
      if (n % 4 === 1) slow.push(fetch(`${router.url}/slow?ms=1000`).then((answer) => answer.text()));
      await sleep(20);
      const next = await start(`v${n}`);
      const replaced = replace(router, present, next);
      if (n === 1) expect((await closed)[0].code).toBe(1001);
      await replaced;
      present = next;
    }
    stop.abort();
    const result = await load;
    expect(result.failed).toEqual([]);
    expect(result.sent).toBeGreaterThan(1_000);
    expect([...result.versions].sort()).toEqual(['v0', 'v1', 'v10', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'v9']);
    expect(await Promise.all(slow)).toEqual(['v0', 'v4', 'v8']);
    const { traffic } = await router.read();
    expect(traffic.map(({ failed, cut, inFlight }) => ({ failed, cut, inFlight }))).toEqual(
      traffic.map(() => ({ failed: 0, cut: 0, inFlight: 0 })),
    );
    expect(traffic.reduce((sum, { served }) => sum + served, 0)).toBe(result.sent + slow.length + 1);
  });

  it('shows failures when the old release is killed instead of drained, so the test above can fail', async () => {
    await using router = await testRouter();
    const [before, after] = [await start('v0'), await start('v1')];
    await router.route([before.backend]);
    const stop = new AbortController();
    const load = steadyLoad(router.url, 300, stop.signal);
    await sleep(300);
    await before.kill();
    await sleep(50);
    await router.route([after.backend]);
    await sleep(200);
    stop.abort();
    expect((await load).failed.length).toBeGreaterThan(0);
    expect((await router.read()).traffic[0]?.failed).toBeGreaterThan(0);
  });

  it('cuts what is not done when draining is over, says so to the client, and counts it', async () => {
    await using router = await testRouter();
    const [before, after] = [await start('v0'), await start('v1')];
    await router.route([before.backend]);
    const slow = fetch(`${router.url}/slow?ms=10000`);
    const stream = fetch(`${router.url}/events`).then((answer) => answer.text());
    const broken = expect(stream).rejects.toThrow();
    while ((await router.read()).traffic[0]?.inFlight !== 2) await sleep(5);
    await router.route([after.backend], { drainMs: 100 });
    expect((await slow).status).toBe(503);
    await broken;
    expect((await router.read()).traffic).toMatchObject([{ served: 0, failed: 0, cut: 2, inFlight: 0 }, { cut: 0 }]);
  });

  it('lets a release that comes back before it has drained go on', async () => {
    await using router = await testRouter();
    const [before, after] = [await start('v0'), await start('v1')];
    await router.route([before.backend]);
    const slow = fetch(`${router.url}/slow?ms=600`).then((answer) => answer.text());
    while ((await router.read()).traffic[0]?.inFlight !== 1) await sleep(5);
    await router.route([after.backend], { drainMs: 300 });
    await router.route([before.backend], { drainMs: 300 });
    expect(await slow).toBe('v0');
  });
});
