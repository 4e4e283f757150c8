import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RoutedEnvironment } from '@slipway/protocol';
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

const servedBy = ({ traffic }: RoutedEnvironment) => traffic.reduce((sum, { served }) => sum + served, 0);

/** Takes the old release away as a deploy agent does: routed elsewhere, waited for, told to go, cut, ended. */
async function replace(router: Awaited<ReturnType<typeof testRouter>>, before: SampleApp, after: SampleApp) {
  await router.route([after.backend]);
  const requests = async () => (await router.read()).draining.reduce((sum, { inFlight, streams }) => sum + inFlight - streams, 0);
  while ((await requests()) > 0) await sleep(10);
  before.child.kill('SIGTERM');
  const giveUpAt = performance.now() + 2_000;
  while ((await router.read()).draining.length > 0 && performance.now() < giveUpAt) await sleep(10);
  await router.cut(before.backend.instanceId);
  await before.kill();
}

describe('a switch under load', () => {
  it('fails no request in 10 switches, whether short, slow or with a body, and tells web sockets to go', { timeout: 60_000 }, async () => {
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
      await replaced;
      if (n === 1) expect((await closed)[0].code).toBe(1001);
      present = next;
    }
    stop.abort();
    const result = await load;
    expect(result.failed).toEqual([]);
    expect(result.sent).toBeGreaterThan(1_000);
    expect([...result.versions].sort()).toEqual(['v0', 'v1', 'v10', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'v9']);
    expect(await Promise.all(slow)).toEqual(['v0', 'v4', 'v8']);
    // HAProxy tells of a request once its answer has gone.
    await expect.poll(async () => servedBy(await router.read())).toBe(result.sent + slow.length + 1);
    const { traffic } = await router.read();
    expect(traffic.map(({ failed, cut, inFlight }) => ({ failed, cut, inFlight }))).toEqual(
      traffic.map(() => ({ failed: 0, cut: 0, inFlight: 0 })),
    );
  });

  it('shows failures when the old release is killed instead of drained, so the test above can fail', async () => {
    await using router = await testRouter();
    const [before, after] = [await start('v0'), await start('v1')];
    await router.route([before.backend]);
    // A GET would be repeated at the new release, and so not fail.
    const posts = Array.from({ length: 5 }, () =>
      fetch(`${router.url}/slow?ms=10000`, { method: 'POST', body: 'x' }).then(({ status }) => status),
    );
    await expect.poll(async () => (await router.read()).traffic[0]?.inFlight).toBe(5);
    await before.kill();
    await router.route([after.backend]);
    expect(await Promise.all(posts)).toEqual([502, 502, 502, 502, 502]);
    await expect
      .poll(async () => (await router.read()).traffic[0])
      .toMatchObject({ served: 0, failed: 5, failures: { reset: 5 }, inFlight: 0 });
  });

  it('cuts what is not done when draining is over, and counts it; what may be repeated is, at the new release', async () => {
    await using router = await testRouter();
    const [before, after] = [await start('v0'), await start('v1')];
    await router.route([before.backend]);
    const post = fetch(`${router.url}/slow?ms=10000`, { method: 'POST', body: 'x' });
    const stream = fetch(`${router.url}/events`).then((answer) => answer.text());
    const broken = expect(stream).rejects.toThrow();
    await after.go();
    const get = fetch(`${router.url}/wait`).then((answer) => answer.text());
    await expect.poll(async () => (await router.read()).traffic[0]?.inFlight).toBe(3);
    await router.route([after.backend], { drainMs: 50 });
    expect((await post).status).toBe(502);
    await broken;
    expect(await get).toBe('v1');
    await expect
      .poll(async () => (await router.read()).traffic)
      .toMatchObject([
        { served: 0, failed: 0, cut: 2, inFlight: 0 },
        { served: 1, cut: 0 },
      ]);
  });

  it('tells streams from requests while an instance drains, and leaves them alone', async () => {
    await using router = await testRouter();
    const [before, after] = [await start('v0'), await start('v1')];
    await router.route([before.backend]);
    const webSocket = new WebSocket(router.url.replace('http', 'ws'));
    await once(webSocket, 'open');
    const events = await fetch(`${router.url}/events`);
    const slow = fetch(`${router.url}/wait`).then((answer) => answer.text());
    await expect.poll(async () => (await router.read()).traffic[0]?.inFlight).toBe(3);
    await router.route([after.backend], { drainMs: 60_000 });
    expect((await router.read()).draining).toMatchObject([{ inFlight: 3, streams: 2 }]);
    await before.go();
    expect(await slow).toBe('v0');
    await expect.poll(async () => (await router.read()).draining).toMatchObject([{ inFlight: 2, streams: 2 }]);
    expect(webSocket.readyState).toBe(WebSocket.OPEN);
    expect((await router.cut(after.backend.instanceId)).status).toBe(409);
    expect((await router.cut(before.backend.instanceId)).status).toBe(204);
    await expect(events.text()).rejects.toThrow();
    await expect.poll(() => router.read()).toMatchObject({ draining: [], traffic: [{ cut: 2, inFlight: 0 }, {}] });
  });

  it('lets a release that comes back before it has drained go on', async () => {
    await using router = await testRouter();
    const [before, after] = [await start('v0'), await start('v1')];
    await router.route([before.backend]);
    const slow = fetch(`${router.url}/wait`).then((answer) => answer.text());
    while ((await router.read()).traffic[0]?.inFlight !== 1) await sleep(5);
    await router.route([after.backend], { drainMs: 300 });
    await router.route([before.backend], { drainMs: 300 });
    await sleep(500); // longer than it would have had
    await before.go();
    expect(await slow).toBe('v0');
  });
});
