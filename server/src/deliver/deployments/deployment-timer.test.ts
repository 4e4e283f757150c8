import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Changes } from '../../platform/changes.js';
import { DeploymentTimer } from './deployment-timer.js';
import { aWorld } from './testing/world.js';

let world: Awaited<ReturnType<typeof aWorld>>;
let timer: DeploymentTimer;

beforeAll(async () => {
  world = await aWorld((): void => timer.wake());
});
afterAll(() => world.close());
beforeEach(() => world.reset());

describe('the timer', () => {
  it('ends a deployment when its time is up, frees the environment for the next, and later lets the old release go, without being asked', async () => {
    const log = { warn: vi.fn(), error: vi.fn() };
    timer = new DeploymentTimer({ ...world, warmMs: 50 }, new Changes(), log);
    timer.start();
    try {
      const target = await world.anAgent();
      const [a, b] = [await world.push({ branch: 'a', app: { minimumHealthyMs: 100 } }), await world.push({ branch: 'b' })];
      const work = await world.take(target.agentId);
      if (work?.deploy) target.apply(work.deploy.desired);
      expect((await target.settle()).deployment?.state).toBe('verifying');
      await vi.waitFor(async () => expect((await world.deploymentOf(a.jobId)).state).toBe('succeeded'), { timeout: 2_000 });
      await vi.waitFor(async () => expect((await world.deploymentOf(b.jobId)).state).toBe('provisioning'), { timeout: 2_000 });
      if (work) await world.finish(target.agentId, work, { kind: 'passed' });
      await world.deployNext(target);
      await world.database.query(`update environments set warm_until = now()`);
      timer.wake();
      await vi.waitFor(async () => expect(await world.environment()).toMatchObject({ warm_release_id: null }), { timeout: 2_000 });
      await target.settle();
      expect(target.desired?.releases.map((release) => release.weight)).toEqual([100]);
      expect([...log.warn.mock.calls, ...log.error.mock.calls]).toEqual([]);
    } finally {
      await timer.stop();
    }
  });

  it('goes past a deployment that can not be ended, and does not look at it without rest', async () => {
    const log = { warn: vi.fn(), error: vi.fn() };
    timer = new DeploymentTimer(world, new Changes(), log);
    const target = await world.anAgent();
    const [poison, good] = [await world.push({ branch: 'a', environment: 'one' }), await world.push({ branch: 'b', environment: 'two' })];
    for (let n = 0; n < 2; n++) await world.take(target.agentId);
    const isPoison = `state <> 'rolling_back' or job_id is distinct from '${poison.jobId}'`;
    await world.database.query(`alter table deployments add constraint no_poison check (${isPoison})`);
    try {
      await world.database.query('update deployments set deadline = now()');
      timer.start();
      await vi.waitFor(async () => expect((await world.deploymentOf(good.jobId)).state).toBe('rolling_back'), { timeout: 3_000 });
      await vi.waitFor(async () =>
        expect(await world.database.query('select kind, tries from dead_letters')).toEqual([{ kind: 'deployment_work', tries: 1 }]),
      );
      expect(log.error).toHaveBeenCalledTimes(1);
      expect((await world.deploymentOf(poison.jobId)).state).not.toBe('rolling_back');
    } finally {
      await timer.stop();
      await world.database.query('alter table deployments drop constraint no_poison');
    }
    await world.database.query('truncate dead_letters');
    await world.tick();
    expect((await world.deploymentOf(poison.jobId)).state).toBe('rolling_back');
  });
});
