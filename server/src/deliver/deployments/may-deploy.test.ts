import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { retryJob } from '../../build/jobs/retry-job.js';
import { cancelRun } from '../../build/runs/cancel-run.js';
import type { Role } from '../../people/access/actor.js';
import { setProjectRole } from '../../people/access/project-role.js';
import { DomainError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { requestDeploy, requestRollback } from './request-deployment.js';
import type { FakeTarget } from './testing/fake-target.js';
import { aWorld, type Push } from './testing/world.js';

let world: Awaited<ReturnType<typeof aWorld>>;
let target: FakeTarget;

beforeAll(async () => {
  world = await aWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.reset();
  target = await world.anAgent();
});

const as = (userId: string, role: Role | null) =>
  world.database.transaction((tx) => setProjectRole(tx, { projectId: world.at.projectId, userId, role }));

async function aMember(role: Role | null): Promise<string> {
  const userId = newId();
  await world.database.query('insert into users (id, name, email) values ($1, $2, $3)', [userId, 'Eve', `${userId}@example.test`]);
  await as(userId, role);
  return userId;
}

const rule = (pattern: string, environments: string[] | null, pushRole: Role | null = null) =>
  world.database.query(`insert into branch_rules (id, repository_id, pattern, environments, push_role) values ($1, $2, $3, $4, $5)`, [
    newId(),
    world.at.repositoryId,
    pattern,
    environments,
    pushRole,
  ]);

async function aDeployed(push: Push = {}) {
  const made = await world.push(push);
  await world.deployNext(target);
  return made;
}

const newestRelease = async () =>
  (await world.database.query<{ id: string }>('select id from releases order by number desc limit 1'))[0]?.id ?? '';

/** What became of what was asked for last: `deploys`, or the code of the refusal. */
async function outcomeOf(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  const [job] = await world.database.query<{ state: string; reason: string | null }>(
    `select state, reason from jobs where kind = 'deploy' and is_current order by id desc limit 1`,
  );
  const isLetIn = job?.state === 'queued' || job?.reason === 'environment_busy';
  return isLetIn ? 'deploys' : (job?.reason ?? 'nothing');
}

/** Every way in which somebody can cause a deployment. The rights that the mutations and calls ask for first are left out: this is what holds behind them. */
const ASKED: Record<string, (by: string) => Promise<unknown>> = {
  'a push to a hosted branch, or a merge into it in Slipway': (by) => world.push({ triggeredBy: by }),
  'a push of a tag': (by) => world.push({ triggeredBy: by, branch: 'v1', ref: 'refs/tags/v1' }),
  'a run by hand': (by) => world.push({ triggeredBy: by, trigger: 'manual' }),
  'a branch that is built to be deployed': (by) => world.push({ triggeredBy: by, trigger: 'deploy' }),
  'a release that is brought to another environment': async (by) => {
    await aDeployed();
    await world.push({ environment: 'production' });
    await requestDeploy(world, (await world.environment()).id, await newestRelease(), null, by);
  },
  'a rollback': async (by) => {
    await aDeployed();
    await aDeployed();
    await requestRollback(world, (await world.environment()).id, null, by);
  },
  "a retry of a deployer's deploy job": async (by) => retryJob(world, (await aDeployed()).jobId, by),
  "a retry of what a deployer's deploy job needs": async (by) => {
    const { runId } = await world.push({ artifact: false });
    await world.database.query(`update jobs set state = 'skipped' where run_id = $1 and kind = 'deploy'`, [runId]);
    const [build] = await world.database.query<{ id: string }>(`select id from jobs where run_id = $1 and name = 'build'`, [runId]);
    await retryJob(world, build?.id ?? '', by);
    await world.built(runId);
  },
};

/** What Slipway sees happen without knowing who did it: webhooks, polls and fetches of a code host, and what was there when it was added. */
const HAPPENED: Record<string, () => Promise<unknown>> = {
  'a push seen at a code host': () => world.push({ triggeredBy: null }),
  'a push of somebody who is gone': async () => {
    const gone = await aMember('admin');
    const pushId = newId();
    await world.database.query(
      `insert into pushes (id, repository_id, journal_offset, ref, old_sha, new_sha, commits, pushed_by, pushed_at) select $1, $2, count(*), 'refs/heads/main', '', '', 1, $3, now() from pushes`,
      [pushId, world.at.repositoryId, gone],
    );
    await world.database.query('update pushes set pushed_by = null where id = $1', [pushId]);
    await world.push({ triggeredBy: null, pushId });
  },
};

describe('a deployment', () => {
  const cases = Object.keys(ASKED).flatMap((cause) =>
    (['admin', 'deployer', 'developer', 'viewer', null] as const).map((role) => ({ cause, role })),
  );

  it.each(cases)('of $cause by $role needs the right', async ({ cause, role }) => {
    const by = await aMember(role);
    const outcome = await outcomeOf(() => (ASKED[cause] as (by: string) => Promise<unknown>)(by));
    if (role === 'admin' || role === 'deployer') expect(outcome).toBe('deploys');
    else expect(['not_allowed', 'forbidden']).toContain(outcome);
  });

  it.each(Object.entries(HAPPENED))('of %s needs a rule that names branch and environment', async (_, happen) => {
    expect(await outcomeOf(happen)).toBe('rule_missing');
    expect(await world.database.query('select 1 from environments')).toEqual([]);
    await rule('main', null);
    expect(await outcomeOf(happen)).toBe('rule_missing');
    await world.database.query(`update branch_rules set environments = array['production']`);
    expect(await outcomeOf(happen)).toBe('branch_rule');
    await world.database.query(`update branch_rules set environments = array['staging']`);
    expect(await outcomeOf(happen)).toBe('deploys');
  });

  it('of nobody known says what is missing, who can add it, and what to do meanwhile', async () => {
    const { jobId } = await world.push({ triggeredBy: null });
    expect((await world.job(jobId))?.message).toBe(
      'Slipway does not know who caused this run, so a branch rule has to let "main" into "staging" by name, and none does. An administrator of the project can add one to the rules of the repository: the pattern "main" with the environment "staging". The release exists: until then a deployer can deploy it.',
    );
  });

  it("of nobody known is let in by a branch's own rule alone, and by none that is for branches when it is of a tag", async () => {
    await world.database.query(
      `insert into branches (id, repository_id, name, head_sha, updated_at) values ($1, $2, 'main', 'a', now()), ($3, $2, 'release/1', 'a', now())`,
      [newId(), world.at.repositoryId, newId()],
    );
    await rule('main', ['staging'], 'developer');
    await rule('release/*', ['staging'], 'developer');
    await rule('v*', ['staging'], 'developer');
    await rule('w*', ['staging'], 'deployer');
    const seen = (name: string, folder: 'heads' | 'tags') =>
      outcomeOf(() => world.push({ triggeredBy: null, branch: name, ref: `refs/${folder}/${name}` }));
    for (const name of ['main', 'release/1', 'release/2', 'v1', 'w1']) expect([name, await seen(name, 'heads')]).toEqual([name, 'deploys']);
    for (const name of ['main', 'release/1', 'release/2', 'w1', 'other'])
      expect([name, await seen(name, 'tags')]).toEqual([name, 'rule_missing']);
    expect(await seen('v1', 'tags')).toBe('deploys');
    expect(await seen('other', 'heads')).toBe('rule_missing');
  });

  it.each(['deploy', 'rollback'] as const)('that waits its turn is asked for rights and rules again: %s', async (kind) => {
    const deployer = await aMember('deployer');
    await aDeployed();
    await aDeployed();
    await world.push();
    const work = await world.take(target.agentId);
    const { id } = await world.environment();
    const waiting = await (kind === 'deploy'
      ? requestDeploy(world, id, await newestRelease(), null, deployer)
      : requestRollback(world, id, null, deployer));
    await as(deployer, 'developer');
    if (work?.deploy) target.apply(work.deploy.desired);
    await target.settle();
    if (work) await world.finish(target.agentId, work, { kind: 'passed' });
    await world.tick();
    expect(await world.database.query('select state, reason from deployments where id = $1', [waiting])).toEqual([
      { state: 'failed', reason: 'not_allowed' },
    ]);
  });

  it('of nobody known that waits its turn stops when the rule is taken away', async () => {
    await rule('main', ['staging']);
    await world.push();
    const { jobId } = await world.push({ triggeredBy: null, branch: 'main' });
    await world.database.query('delete from branch_rules');
    await world.deployNext(target);
    await world.tick();
    expect(await world.job(jobId)).toMatchObject({ state: 'failed', reason: 'rule_missing' });
  });

  it('that has begun is taken back by those alone who may deploy, also by way of its run', async () => {
    const { runId } = await world.push();
    await world.take(target.agentId);
    const cancel = async (role: Role) => cancelRun(world, runId, await aMember(role));
    await expect(cancel('developer')).rejects.toMatchObject({ code: 'forbidden' });
    await expect(cancel('deployer')).resolves.toBeUndefined();
  });
});

describe('a retry of a deploy job', () => {
  const deploymentsBy = (jobId: string) =>
    world.database.query<{ by: string }>('select created_by as by from deployments where job_id = $1', [jobId]);

  it('is in the name of who retries, whoever started the run', async () => {
    const { jobId } = await aDeployed();
    const deployer = await aMember('deployer');
    expect(await deploymentsBy(jobId)).toEqual([{ by: world.at.userId }]);
    expect(await deploymentsBy(await retryJob(world, jobId, deployer))).toEqual([{ by: deployer }]);
  });

  it('of a push at a code host needs no rule once somebody who may deploy asks for it', async () => {
    const { jobId } = await world.push({ triggeredBy: null });
    expect(await outcomeOf(async () => retryJob(world, jobId, await aMember('deployer')))).toBe('deploys');
  });

  it('whose release is older than what went there since is refused, and the refusal names the way back', async () => {
    const old = await aDeployed();
    const newer = await aDeployed({ branch: 'other' });
    const retry = retryJob(world, old.jobId, world.at.userId);
    await expect(retry).rejects.toMatchObject({ code: 'deployment_overtaken' });
    await expect(retry).rejects.toThrow(
      /Release #2, which is newer than .* has been deployed to "staging" since.*use "Roll back" on the page of "staging"/,
    );
    expect(await world.job(old.jobId)).toMatchObject({ state: 'succeeded' });
    expect(target.serving()).toEqual([newer.version]);
    expect(await outcomeOf(() => retryJob(world, newer.jobId, world.at.userId))).toBe('deploys');
  });

  it('that never deployed is refused alike, and so is one of a build that is made anew for an old run', async () => {
    const failed = await world.push({ triggeredBy: null });
    const built = await world.push({ artifact: false });
    await world.database.query(`update jobs set state = 'skipped' where run_id = $1 and kind = 'deploy'`, [built.runId]);
    await aDeployed();
    await expect(retryJob(world, failed.jobId, world.at.userId)).rejects.toMatchObject({ code: 'deployment_overtaken' });
    const [build] = await world.database.query<{ id: string }>(`select id from jobs where run_id = $1 and name = 'build'`, [built.runId]);
    await retryJob(world, build?.id ?? '', world.at.userId);
    await world.built(built.runId);
    const [again] = await world.database.query<{ reason: string }>(
      `select reason from jobs where run_id = $1 and kind = 'deploy' and is_current`,
      [built.runId],
    );
    expect(again?.reason).toBe('overtaken');
  });
});
