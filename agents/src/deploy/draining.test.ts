import { once } from 'node:events';
import { get } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { DesiredRelease } from '@slipway/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isAlive, type ProcessId } from '../sandbox/process-tree.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { RouterClient } from './router-client.js';
import { deployFixture } from './testing/deploy-fixture.js';

let at: Awaited<ReturnType<typeof deployFixture>>;
beforeEach(async () => {
  at = await deployFixture();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await at[Symbol.asyncDispose]();
});

const warm = (release: DesiredRelease): DesiredRelease => ({ ...release, weight: 0 });

/** A connection that has left HTTP, joined to the instance that serves. */
async function upgraded(): Promise<Socket> {
  const asking = get(at.url, { headers: { connection: 'Upgrade', upgrade: 'echo' } });
  const [, socket] = (await once(asking, 'upgrade')) as [unknown, Socket];
  socket.write('hello ');
  await once(socket, 'data');
  socket.on('error', () => undefined);
  return socket;
}

describe('an instance that leaves', () => {
  it('keeps its streams while it is kept warm, and says goodbye to them itself when it is told to stop', async () => {
    const [old, next] = [at.release('v1', { drainMs: 100 }), at.release('v2', { drainMs: 100 })];
    await at.deploy([old]);
    const stream = await upgraded();
    await at.deploy([warm(old), next]);
    stream.write('still there?');
    expect(String((await once(stream, 'data'))[0])).toBe('still there?');
    const [said, saidByNext] = [text(stream), text(await upgraded())];
    await at.deploy([next]);
    expect(await said).toBe('goodbye from v1');
    await at.deploy([at.release('v3')]); // without keeping it warm
    expect(await saidByNext).toBe('goodbye from v2');
  });

  it('has the router end what is left open before it is killed, once the grace time is over', async () => {
    withGrace(at.sandbox, 100);
    const deaf = at.release('v1', { env: { VERSION: 'v1', DEAF: 'yes' }, drainMs: 0 });
    const { instances } = await at.deploy([deaf]);
    const leaving = instances[0]?.instanceId;
    const stream = await upgraded();
    const wasAlive: boolean[] = [];
    const { cut } = RouterClient.prototype;
    vi.spyOn(RouterClient.prototype, 'cut').mockImplementation(async function (this: RouterClient, environment, instance) {
      if (instance === leaving) wasAlive.push(stopping.some(isAlive));
      return cut.call(this, environment, instance);
    });
    await at.deploy([at.release('v2')]);
    if (!stream.destroyed) await once(stream, 'close');
    expect(wasAlive).toEqual([true]);
    await expect
      .poll(() => at.server.last()?.traffic.find(({ releaseId }) => releaseId === deaf.releaseId))
      .toMatchObject({ cut: 1, failed: 0 });
  });
});

const stopping: ProcessId[] = [];

/** The same sandbox with less patience. */
function withGrace(sandbox: Sandbox, graceMs: number): void {
  const stop = sandbox.stop.bind(sandbox);
  stopping.length = 0;
  vi.spyOn(sandbox, 'stop').mockImplementation((name, root, _, beforeKill) => {
    stopping.push(root);
    return stop(name, root, graceMs, beforeKill);
  });
}
