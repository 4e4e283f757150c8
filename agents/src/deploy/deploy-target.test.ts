import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DesiredRelease, Observed } from '@slipway/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InstancePorts } from './ports.js';
import { SealedText } from './sealed-text.js';
import { deployFixture } from './testing/deploy-fixture.js';
import { steadyLoad } from './testing/steady-load.js';

let at: Awaited<ReturnType<typeof deployFixture>>;
beforeEach(async () => {
  at = await deployFixture();
});
afterEach(() => at[Symbol.asyncDispose]());

const get = async (path = '/') => (await fetch(at.url + path)).text();
const pidOf = (observed: Observed, release: DesiredRelease) =>
  observed.instances.find(({ releaseId }) => releaseId === release.releaseId)?.pid;
const stateOf = (observed: Observed | undefined, release: DesiredRelease) =>
  observed?.instances.find(({ releaseId }) => releaseId === release.releaseId)?.state;
const isAlive = (pid: number | null | undefined) =>
  stat(`/proc/${pid}`).then(
    () => true,
    () => false,
  );
const weight = (release: DesiredRelease, share: number) => ({ ...release, weight: share });

describe('a host target', () => {
  it('goes blue-green through its generations without a failed request, and leaves nothing of the old release', async () => {
    const [old, next] = [at.release('v1'), at.release('v2')];
    const first = await at.deploy([old]);
    expect(first).toMatchObject({
      instances: [{ state: 'healthy', restarts: 0 }],
      routed: [{ releaseId: old.releaseId, weight: 100 }],
      error: null,
    });
    const load = steadyLoad(at.port);

    const prepared = await at.deploy([old, weight(next, 0)]);
    expect(prepared.routed).toEqual([{ releaseId: old.releaseId, weight: 100 }]);
    expect(prepared.instances.map(({ state }) => state)).toEqual(['healthy', 'healthy']);
    const slow = get('/slow');
    await sleep(50);
    const switched = await at.deploy([weight(old, 0), next]);
    expect(switched.routed).toEqual([{ releaseId: next.releaseId, weight: 100 }]);
    expect(await slow).toBe('v1');
    await sleep(100);
    const dropped = await at.deploy([next]);
    expect(dropped.instances.map(({ releaseId }) => releaseId)).toEqual([next.releaseId]);
    expect(await isAlive(pidOf(prepared, old))).toBe(false);

    await load.stop();
    expect(load.failed).toEqual([]);
    expect(new Set(load.answers)).toEqual(new Set(['v1', 'v2']));
    expect(load.answers.slice(load.answers.lastIndexOf('v1') + 1).every((answer) => answer === 'v2')).toBe(true);
    const { traffic } = await at.observedAt('converged');
    expect(traffic.map(({ failed, cut }) => [failed, cut])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(at.server.downloads).toBe(1);
  });

  it('never routes a release that does not get healthy, says what it answered and printed, and keeps the old one serving', async () => {
    const old = at.release('v1');
    await at.deploy([old]);
    const load = steadyLoad(at.port);
    const sick = at.release('sick', { env: { VERSION: 'sick', HEALTH_STATUS: '500' }, health: { ...old.health, startupMs: 2_000 } });
    const failed = await at.deploy([weight(old, 0), sick], 'failed');
    await load.stop();
    expect(failed.error).toMatchObject({ code: 'release_unhealthy', releaseId: sick.releaseId });
    expect(failed.error?.message).toContain('GET /health answered 500');
    expect(failed.error?.message).toContain('app sick starts with ***');
    expect(failed.routed).toEqual([{ releaseId: old.releaseId, weight: 100 }]);
    expect(new Set(load.answers)).toEqual(new Set(['v1']));
    expect(load.failed).toEqual([]);
    const back = await at.deploy([old]);
    expect(back.instances.map(({ releaseId, state }) => [releaseId, state])).toEqual([[old.releaseId, 'healthy']]);
  });

  it('gives up a release that ends before it is healthy long before its time is over, and tries it anew when asked again', async () => {
    const broken = at.release('broken', {
      env: { VERSION: 'broken', EXIT_CODE: '3' },
      health: { ...at.release('x').health, startupMs: 60_000 },
    });
    const failed = await at.deploy([broken], 'failed');
    expect(failed.error?.message).toContain('It ended 3 times before it was healthy, the last time with exit code 3');
    expect(await get()).toContain('No release serves here yet');
    const repaired = { ...broken, env: { VERSION: 'repaired' } };
    await at.deploy([repaired]);
    expect(await get()).toBe('repaired');
  });

  it('starts an application again when it is killed, and routes to it only while it is healthy', async () => {
    const release = at.release('v1');
    const before = await at.deploy([release]);
    await get('/crash');
    await expect.poll(() => at.server.last()?.instances[0]).toMatchObject({ state: 'unhealthy', exitCode: 137 });
    const after = await at.observedAt('converged');
    expect(after.instances[0]).toMatchObject({
      instanceId: before.instances[0]?.instanceId,
      state: 'healthy',
      restarts: 1,
      recentRestarts: 1,
    });
    expect(pidOf(after, release)).not.toBe(pidOf(before, release));
    expect(await get()).toBe('v1');
  });

  it('keeps $HOME over restarts, and nothing else; the application folder can not be written to', async () => {
    const each = 'for at in . /tmp "$HOME"; do { echo >>"$at/kept"; } 2>&- || true; echo "$at: $(cat "$at/kept" 2>&- | wc -l)"; done';
    const { instances } = await at.deploy([at.release('v1', { start: `${each}; exec node server.js` })]);
    await get('/crash').catch(() => '');
    await expect.poll(() => at.server.last()?.instances[0]?.restarts, { timeout: 5_000 }).toBe(1);
    await at.observedAt('converged');
    const folder = join(at.agentDir, 'environments', at.environmentId, 'instances', instances[0]?.instanceId ?? '');
    const said = (await readFile(join(folder, 'output.log'), 'utf8')).split('\n').filter((line) => /: \d$/.test(line));
    expect(said).toEqual(['.: 0', '/tmp: 1', '/home/job: 1', '.: 0', '/tmp: 1', '/home/job: 2']);
  });

  it('warms a new application before it is given its first request, but not one that is started again, which is missed', async () => {
    await at.deploy([at.release('v1')]);
    const warmed = Number(await get('/checks'));
    await get('/crash');
    await expect.poll(() => at.server.last()?.instances[0]?.state).toBe('unhealthy');
    await at.observedAt('converged');
    expect(Number(await get('/checks'))).toBeLessThan(warmed);
  });

  it('stops routing to an instance as soon as nobody in it listens any more, whatever its health check knows, adopted or not', async () => {
    const release = at.release('v1', { health: { ...at.release('x').health, intervalMs: 60_000 } });
    const unrouted = () => expect.poll(() => at.server.observed.some(({ routed }) => routed.length === 0), { timeout: 5_000 }).toBe(true);
    await at.deploy([{ ...release, start: 'node server.js; sleep 600' }]); // what is left has nothing to serve with
    at.server.observed.length = 0;
    await get('/crash').catch(() => '');
    await unrouted();
    const [said] = at.server.observed.filter(({ routed }) => routed.length === 0);
    expect(said?.instances[0]).toMatchObject({ state: 'unhealthy', message: expect.stringContaining('has ended') });

    const adopted = await at.deploy([release]);
    at.server.observed.length = 0;
    await at.restart(false);
    await at.observedAt('converged');
    at.server.observed.length = 0;
    process.kill(pidOf(adopted, release) ?? 0, 'SIGKILL');
    await unrouted();
    expect((await at.observedAt('converged')).instances[0]).toMatchObject({ restarts: 1 });
  });

  it.each([
    ['::1', /it listens on \[::1\]:\d+ only; listen on 0\.0\.0\.0, 127\.0\.0\.1 or ::/],
    ['3000', /it listens on \[::\]:3000, but not on the port given by PORT, which is \d+/],
  ])('says of an application that is not reached where it listens instead: %s', async (where, why) => {
    const listen = where === '3000' ? '3000' : 'process.env.PORT, process.env.WHERE';
    const release = at.release('lost', {
      start: `exec node -e 'require("net").createServer().listen(${listen})'`,
      env: { WHERE: where },
      health: { ...at.release('x').health, startupMs: 2_000 },
    });
    const failed = await at.deploy([release], 'failed');
    expect(failed.error?.message).toMatch(why);
  });

  it('adopts what an earlier agent left running', async () => {
    const release = at.release('v1', { instances: 2 });
    const before = await at.deploy([release]);
    at.server.observed.length = 0;
    await at.restart(false);
    const after = await at.observedAt('converged');
    expect(after.instances.map(({ pid, restarts }) => [pid, restarts])).toEqual(before.instances.map(({ pid }) => [pid, 0]));
  });

  it('refuses a stale generation, and does nothing when one is applied again', async () => {
    const [one, two] = [at.release('v1'), at.release('v2')];
    const stale = at.desire([one]);
    const before = await at.deploy([two]);
    await at.target.apply(at.environmentId, 2);
    at.server.desired = stale;
    await at.target.apply(at.environmentId, 3);
    await sleep(300);
    expect(at.server.last()).toMatchObject({ generation: 2, phase: 'converged' });
    expect(pidOf(at.server.last() as Observed, two)).toBe(pidOf(before, two));
    expect(await get()).toBe('v2');
  });

  it('stops every application with the agent when told to, and starts them again before the server is heard of', async () => {
    const release = at.release('v1');
    const before = await at.deploy([release]);
    at.server.request = () => new Promise(() => {});
    await at.restart(true);
    expect(await isAlive(pidOf(before, release))).toBe(false);
    await expect.poll(() => get(), { timeout: 5_000 }).toBe('v1');
  });

  it('replaces instances when only a variable has changed, without a gap', async () => {
    const release = at.release('v1');
    await at.deploy([release]);
    const load = steadyLoad(at.port);
    const after = await at.deploy([{ ...release, env: { VERSION: 'v1 with another variable' } }]);
    await load.stop();
    expect(load.failed).toEqual([]);
    expect(await get()).toBe('v1 with another variable');
    expect(after.instances).toHaveLength(1);
  });

  it('routes by weight', async () => {
    const [stable, canary] = [at.release('stable', { weight: 75 }), at.release('canary', { weight: 25 })];
    await at.deploy([stable, canary]);
    const answers = await Promise.all(Array.from({ length: 40 }, () => get()));
    const share = answers.filter((answer) => answer === 'canary').length / answers.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
  });

  it('replaces instances when only their limits have changed, and says with which limits each runs', async () => {
    const release = at.release('v1');
    await at.deploy([release]);
    const load = steadyLoad(at.port);
    const limits = { cpuCores: null, memoryMib: 300, storageMib: null };
    const after = await at.deploy([release], 'converged', { limits });
    await load.stop();
    expect(load.failed).toEqual([]);
    expect(after.instances).toMatchObject([{ limits, state: 'healthy', restarts: 0 }]);
  });

  it('goes on with the limits of before where a release does not start with the present ones, whatever else it is told to start', async () => {
    const dies = 'if [ "$SLIPWAY_PROJECT" = small ]; then exec node -e "Buffer.alloc(300 << 20, 1)"; fi; exec node server.js';
    const [old, next] = [at.release('v1', { start: dies }), at.release('v2')];
    const before = await at.deploy([old]);
    const load = steadyLoad(at.port);
    const smaller = { limits: { cpuCores: null, memoryMib: 200, storageMib: null }, project: 'small' };
    const failed = await at.deploy([old], 'failed', smaller);
    expect(failed.failures).toMatchObject([{ code: 'release_unhealthy', releaseId: old.releaseId }]);
    expect(failed.error?.message).toContain(
      'v1 did not become healthy with the present limits, so its instances of before go on with theirs. It ended 3 times',
    );
    if (failed.limits === 'enforced')
      expect(failed.error?.message).toContain('by signal 9, as it needed more than the 200 MiB of memory that it may use');
    expect(pidOf(failed, old)).toBe(pidOf(before, old));
    expect(failed.instances.map(({ state, limits }) => [state, limits?.memoryMib])).toEqual([
      ['healthy', 256],
      ['stopped', 200],
    ]);

    const beside = await at.deploy([old, weight(next, 0)], 'failed', smaller);
    expect(beside.failures).toMatchObject([{ releaseId: old.releaseId }]);
    await expect.poll(() => stateOf(at.server.last(), next), { timeout: 5_000 }).toBe('healthy');
    await at.deploy([next, weight(old, 0)], 'failed', smaller);
    await expect.poll(() => at.server.last()?.routed).toEqual([{ releaseId: next.releaseId, weight: 100 }]);
    const switched = await at.observedAt('failed');
    expect(pidOf(switched, old)).toBe(pidOf(before, old)); // still warm
    await load.stop();
    expect(load.failed).toEqual([]);
    expect(await get()).toBe('v2');
    const done = await at.deploy([next], 'converged', smaller);
    expect(done.failures).toEqual([]);
  });

  it('starts an application again with the limits that it was started with, not with those that it can not start with', async () => {
    const release = at.release('v1');
    await at.deploy([release]);
    const refused = at.release('x', { artifact: { digest: 'b'.repeat(64), size: 1 }, releaseId: release.releaseId, version: 'v1' });
    await at.deploy([refused], 'failed', { limits: { cpuCores: null, memoryMib: 200, storageMib: null } });
    await get('/crash');
    await expect.poll(() => at.server.last()?.instances[0]?.restarts, { timeout: 5_000 }).toBe(1);
    expect(at.server.last()?.instances[0]?.limits?.memoryMib).toBe(256);
    await expect.poll(() => get().catch(() => ''), { timeout: 5_000 }).toBe('v1');
  });

  it('removes every trace of a deleted environment and says so', async () => {
    const release = at.release('v1');
    const before = await at.deploy([release]);
    await at.deploy([], 'converged', { deleted: true });
    expect(await isAlive(pidOf(before, release))).toBe(false);
    expect(await readdir(join(at.agentDir, 'environments'))).toEqual([]);
    await expect(fetch(at.url)).rejects.toThrow();
    await expect.poll(() => at.target.environments()).toEqual([]);
  });

  it('tells a router that has lost everything what to do', async () => {
    await at.deploy([at.release('v1')]);
    await at.router.kill();
    await at.router.start();
    expect(await get()).toBe('v1');
    await at.router.forgetAll();
    await at.target.apply(at.environmentId, 1);
    await expect.poll(() => get().catch(() => ''), { timeout: 3_000 }).toBe('v1');
  });

  it('says what is wrong with the artifact or the port', async () => {
    const lost = at.release('lost', { artifact: { digest: 'a'.repeat(64), size: 1 } });
    expect((await at.deploy([lost], 'failed')).error).toMatchObject({
      code: 'artifact_unavailable',
      message: expect.stringContaining('404'),
    });
  });

  it('says that another program has the port, and takes it by itself once it is free', async () => {
    const squatter = createServer().listen(0);
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const refused = await at.deploy([at.release('v1')], 'failed', { port });
    expect(refused.error).toMatchObject({ code: 'port_in_use', message: expect.stringContaining(`${port}`), releaseId: null });
    squatter.close();
    expect((await at.observedAt('converged')).failures).toEqual([]);
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('v1');
  });

  it('says what keeps it from going on, and goes on by itself once that is over', async () => {
    const take = vi.spyOn(InstancePorts.prototype, 'take').mockRejectedValue(new Error('No port is free for another instance.'));
    at.desire([at.release('v1')]);
    await at.target.apply(at.environmentId, 1);
    await expect
      .poll(() => at.server.last()?.error, { timeout: 5_000 })
      .toMatchObject({
        code: 'agent_trouble',
        message: expect.stringContaining('No port is free for another instance. The agent can not go on'),
      });
    expect(at.server.last()?.phase).toBe('converging');
    take.mockRestore();
    expect((await at.observedAt('converged')).failures).toEqual([]);
  });

  it('says that the router is gone, and no more once it is back', async () => {
    await at.deploy([at.release('v1')]);
    await at.router.kill();
    await at.target.apply(at.environmentId, 1);
    await expect.poll(() => at.server.last()?.error, { timeout: 5_000 }).toMatchObject({ code: 'router_unreachable' });
    expect(at.server.last()?.routed).toHaveLength(1); // as far as anybody knows
    await at.router.start();
    await expect.poll(() => at.server.last()?.failures, { timeout: 5_000 }).toEqual([]);
  });

  it('says that another program has taken the port of what served, and serves again by itself once it is free', async () => {
    await at.deploy([at.release('v1')]);
    await at.router.stop();
    const squatter = createServer().listen(at.port);
    await once(squatter, 'listening');
    await at.router.start();
    await at.target.apply(at.environmentId, 1); // what else happens within ten seconds
    await expect
      .poll(() => at.server.last(), { timeout: 5_000 })
      .toMatchObject({ error: { code: 'port_in_use' }, routed: [], instances: [{ state: 'healthy', restarts: 0 }] });
    squatter.close();
    await at.observedAt('converged');
    expect(await get()).toBe('v1');
  });

  it('keeps secrets out of the list of processes and readable by nobody but the agent', async () => {
    const release = at.release('v1');
    const observed = await at.deploy([release]);
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
    expect(lines.some((line) => line.includes(observed.instances[0]?.instanceId ?? ''))).toBe(true);
    expect(lines.some((line) => line.includes('hush-hush-hush'))).toBe(false);
    expect((await stat(join(at.agentDir, 'environments', at.environmentId, 'state.sealed'))).mode & 0o777).toBe(0o600);
  });

  it('keeps secrets in no file but a sealed one, which opens for this agent and this environment alone', async () => {
    await at.deploy([at.release('v1')]);
    expect(await filesWith('hush-hush-hush')).toEqual([]);
    const folder = join(at.agentDir, 'environments', at.environmentId);
    const sealed = await readFile(join(folder, 'state.sealed'));
    const seal = new SealedText(Buffer.from('the seed of an agent'));
    const clear = seal.open(at.environmentId, sealed);
    expect(clear).toContain('hush-hush-hush');
    expect(() => seal.open(randomUUID(), sealed)).toThrow();
    expect(() => new SealedText(Buffer.from('another seed')).open(at.environmentId, sealed)).toThrow();
    for (const byte of [0, 1, 20, 40, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[byte] = (changed[byte] ?? 0) ^ 1;
      expect(() => seal.open(at.environmentId, changed)).toThrow();
    }
  });

  it('seals at its start what an earlier version left in clear, and goes on with it', async () => {
    const release = at.release('v1');
    const { instances } = await at.deploy([release]);
    await at.target.stop({ instances: false });
    const folder = join(at.agentDir, 'environments', at.environmentId);
    const clear = new SealedText(Buffer.from('the seed of an agent')).open(at.environmentId, await readFile(join(folder, 'state.sealed')));
    await rm(join(folder, 'state.sealed'));
    for (const name of ['state.json', 'state.json.new']) await writeFile(join(folder, name), clear, { mode: 0o600 });
    expect(await filesWith('hush-hush-hush')).toHaveLength(2);
    await at.restart(false);
    expect(await filesWith('hush-hush-hush')).toEqual([]);
    expect((await at.observedAt('converged')).instances.map(({ pid }) => pid)).toEqual(instances.map(({ pid }) => pid));
  });
});

/** Files below the agent's folder that hold a text, but for what the sample prints itself, on purpose. */
async function filesWith(text: string): Promise<string[]> {
  const entries = await readdir(at.agentDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'output.log').map((entry) => join(entry.parentPath, entry.name));
  const holds = await Promise.all(files.map(async (file) => (await contentOf(file)).includes(text)));
  return files.filter((_, index) => holds[index]);
}

/** State is written to a file that is then renamed: by now it may be gone, and so hold nothing. */
async function contentOf(file: string): Promise<Buffer> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
}
