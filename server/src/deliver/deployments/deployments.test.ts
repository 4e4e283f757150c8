import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endForgottenAttempts } from '../../build/jobs/end-forgotten-attempts.js';
import { retryJob } from '../../build/jobs/retry-job.js';
import { cancelRun } from '../../build/runs/cancel-run.js';
import { newId } from '../../platform/ids.js';
import { createEnvironment } from '../environments/create-environment.js';
import { deleteEnvironment } from '../environments/delete-environment.js';
import { deployBranch } from './deploy-branch.js';
import { requestDeploy, requestRollback } from './request-deployment.js';
import { aWorld } from './testing/world.js';

let world: Awaited<ReturnType<typeof aWorld>>;

beforeAll(async () => {
  world = await aWorld();
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const never = () => Promise.reject(new Error('This is refused before any pipeline is read.'));

describe('the way of a deployment', () => {
  it('makes the environment, brings the release up beside the old one, switches, and keeps the old one warm', async () => {
    const target = await world.anAgent();
    const first = await world.push();
    await world.deployNext(target);
    expect(await world.deploymentOf(first.jobId)).toMatchObject({ state: 'succeeded', kind: 'deploy' });
    const second = await world.push();
    await world.deployNext(target);
    expect(target.applied.map((step) => step.weights)).toEqual([
      { [first.version]: 0 },
      { [first.version]: 100 },
      { [first.version]: 100, [second.version]: 0 },
      { [first.version]: 0, [second.version]: 100 },
    ]);
    const environment = await world.environment();
    const [{ id: newest } = { id: '' }, { id: before } = { id: '' }] = await world.database.query<{ id: string }>(
      'select id from releases order by number desc',
    );
    expect(environment).toMatchObject({ state: 'active', port: 20_000, current_release_id: newest, warm_release_id: before });
    expect((await world.job(second.jobId))?.state).toBe('succeeded');
  });

  it('that never gets healthy is rolled back, and the old release serves all the time', async () => {
    const target = await world.anAgent();
    const good = await world.push();
    await world.deployNext(target);
    const bad = await world.push();
    target.ill.add(bad.version);
    const served: string[][] = [];
    const work = await world.take(target.agentId);
    if (work?.deploy) target.apply(work.deploy.desired);
    served.push(target.serving());
    const { deployment } = await target.settle();
    served.push(target.serving());
    expect(served).toEqual([[good.version], [good.version]]);
    expect(deployment).toMatchObject({ state: 'rolled_back', verdict: 'failed' });
    expect(deployment?.message).toContain(`${bad.version} answered 500. Traffic went back to ${good.version}.`);
    if (work) await world.finish(target.agentId, work, { kind: 'passed' });
    expect(await world.job(bad.jobId)).toMatchObject({ state: 'failed', reason: 'unhealthy' });
  });

  it("takes the next port when another program has the environment's, but only before it has ever served", async () => {
    const target = await world.anAgent();
    target.takenPorts.add(20_000).add(20_001);
    const first = await world.push();
    await world.deployNext(target);
    expect((await world.deploymentOf(first.jobId))?.state).toBe('succeeded');
    expect((await world.environment())?.port).toBe(20_002);
    target.takenPorts.add(20_002);
    const second = await world.push();
    const work = await world.take(target.agentId);
    if (work?.deploy) target.apply(work.deploy.desired);
    await target.host.observed(target.agentId, target.seen());
    expect((await world.environment())?.port).toBe(20_002);
    expect((await world.deploymentOf(second.jobId))?.state).not.toBe('succeeded');
  });

  it('is refused to somebody who may push but not deploy; the release is there for those who may', async () => {
    await world.anAgent();
    const { userId, projectId } = world.at;
    await world.database.query(`update project_members set role = 'developer' where user_id = $1`, [userId]);
    const refused = await world.push({ triggeredBy: userId });
    expect(await world.job(refused.jobId)).toMatchObject({ state: 'failed', reason: 'not_allowed' });
    expect(await world.database.query('select 1 from environments')).toEqual([]);
    expect(await world.database.query('select 1 from releases where project_id = $1', [projectId])).toHaveLength(1);
    await world.database.query(`update project_members set role = 'deployer' where user_id = $1`, [userId]);
    const allowed = await world.push({ triggeredBy: userId });
    expect((await world.job(allowed.jobId))?.state).toBe('queued');
  });

  describe('and the rules of branches', () => {
    const rule = (pattern: string, environments: string[] | null, pushRole: string | null = null) =>
      world.database.query(`insert into branch_rules (id, repository_id, pattern, environments, push_role) values ($1, $2, $3, $4, $5)`, [
        newId(),
        world.at.repositoryId,
        pattern,
        environments,
        pushRole,
      ]);

    it('refuse commits that may not go to an environment, before that is made', async () => {
      await world.anAgent();
      await rule('topic/*', ['preview']);
      const refused = await world.push({ branch: 'topic/1' });
      expect(await world.job(refused.jobId)).toMatchObject({
        state: 'failed',
        reason: 'branch_rule',
        message: expect.stringContaining('"topic/*" lets commits of "topic/1" go only to "preview", so not to "staging"'),
      });
      expect(await world.database.query('select 1 from environments')).toEqual([]);
      expect((await world.job((await world.push({ branch: 'topic/1', environment: 'preview' })).jobId))?.state).toBe('queued');
      expect((await world.job((await world.push()).jobId))?.state).toBe('queued');
    });

    it('open nothing to a tag, which anybody may make, by the name of a branch that they keep', async () => {
      await world.anAgent();
      await rule('**', ['preview'], 'developer');
      await rule('main', null, 'admin');
      await rule('locked', ['staging']);
      await rule('v*', ['staging'], 'developer');
      const reasonOf = async (name: string, folder: string) =>
        (await world.job((await world.push({ branch: name, ref: `refs/${folder}/${name}` })).jobId))?.reason;
      for (const name of ['main', 'locked', 'v1']) expect(await reasonOf(name, 'heads')).not.toBe('branch_rule');
      expect(await reasonOf('main', 'tags')).toBe('branch_rule');
      expect(await reasonOf('locked', 'tags')).toBe('branch_rule');
      expect(await reasonOf('v1', 'tags')).not.toBe('branch_rule');
    });

    it('refuse a release that somebody deploys by hand, but never a way back', async () => {
      const target = await world.anAgent();
      await world.push({ branch: 'topic/1' });
      await world.deployNext(target);
      await world.push();
      await world.deployNext(target);
      await rule('topic/*', []);
      const [old] = await world.database.query<{ id: string }>(`select id from releases where branch = 'topic/1'`);
      const environmentId = (await world.environment()).id;
      const id = await requestDeploy(world, environmentId, old?.id ?? '', null, world.at.userId);
      const stateOf = async (deploymentId: string) =>
        (await world.database.query('select state, reason from deployments where id = $1', [deploymentId]))[0];
      expect(await stateOf(id)).toMatchObject({ state: 'failed', reason: 'branch_rule' });
      expect(await stateOf(await requestRollback(world, environmentId, old?.id ?? '', world.at.userId))).toMatchObject({ reason: null });
    });
  });

  it('of the first release, ill, fails and leaves nothing', async () => {
    const target = await world.anAgent();
    const bad = await world.push();
    target.ill.add(bad.version);
    await world.deployNext(target);
    expect(await world.deploymentOf(bad.jobId)).toMatchObject({ state: 'failed', reason: 'unhealthy' });
    expect(target.desired?.releases).toEqual([]);
    expect((await world.environment()).current_release_id).toBeNull();
  });

  it('waits until the new release has been healthy long enough, by the clock and not by what the agent says', async () => {
    const target = await world.anAgent();
    const { jobId } = await world.push({ app: { minimumHealthyMs: 60_000 } });
    const work = await world.take(target.agentId);
    if (work?.deploy) target.apply(work.deploy.desired);
    expect((await target.settle()).deployment).toMatchObject({ state: 'verifying', verdict: null });
    await world.tick();
    expect((await world.deploymentOf(jobId)).state).toBe('verifying');
    await world.database.query(`update deployments set deadline = now() - interval '1 s'`);
    await world.tick();
    expect((await world.deploymentOf(jobId)).state).toBe('succeeded');
    expect((await world.host.desired(target.agentId, (await world.environment()).id)).deployment?.verdict).toBe('succeeded');
  });

  it('ends with a receipt of the requests since it began', async () => {
    const target = await world.anAgent();
    await world.push();
    await world.deployNext(target);
    const old = target.desired?.releases[0]?.releaseId ?? '';
    target.counters.set(old, 1_000);
    const { jobId } = await world.push();
    const work = await world.take(target.agentId);
    if (work?.deploy) target.apply(work.deploy.desired);
    await world.host.observed(target.agentId, target.seen({ phase: 'converging', instances: [] }));
    target.counters.set(old, 1_040);
    for (const release of target.desired?.releases ?? []) if (release.releaseId !== old) target.counters.set(release.releaseId, 2);
    await target.settle();
    expect((await world.deploymentOf(jobId)).receipt).toEqual({ served: 42, failed: 0, cut: 0 });
  });

  it('fails at once, naming what is missing, when its artifact or a secret is not there', async () => {
    await world.anAgent();
    const noArtifact = await world.push({ artifact: false });
    expect(await world.job(noArtifact.jobId)).toMatchObject({ state: 'failed', reason: 'artifact_missing' });
    const noSecret = await world.push({ app: { secrets: ['API_KEY'] } });
    const job = await world.job(noSecret.jobId);
    expect(job).toMatchObject({ state: 'failed', reason: 'secret_missing' });
    expect(job?.message).toContain('"API_KEY"');
  });

  it('waits for a deploy agent and goes on when one is there', async () => {
    const { jobId } = await world.push();
    await world.database.query(`update agents set roles = '{build}'`);
    expect(await world.job(jobId)).toMatchObject({ state: 'waiting', reason: 'no_deploy_agent' });
    const target = await world.anAgent();
    await world.tick();
    await world.deployNext(target);
    expect((await world.job(jobId))?.state).toBe('succeeded');
  });
});

describe('an environment that another repository of the project deploys to', () => {
  async function another(): Promise<string> {
    const id = newId();
    await world.database.query(`insert into repositories (id, project_id, name) values ($1, $2, 'other')`, [id, world.at.projectId]);
    return id;
  }
  const releaseOf = async (repositoryId: string) =>
    (await world.database.query<{ id: string }>('select id from releases where repository_id = $1 order by number desc', [repositoryId]))[0]
      ?.id ?? '';
  const refused = { reason: 'other_repository', message: expect.stringContaining('"staging" belongs to the repository "app"') };

  it('refuses that, by a pipeline, a retry, by hand and as a rollback, and goes on serving', async () => {
    const target = await world.anAgent();
    const repositoryId = await another();
    const own = await world.push();
    await world.deployNext(target);
    const other = await world.push({ repositoryId });
    expect(await world.job(other.jobId)).toMatchObject({ state: 'failed', ...refused });
    const again = await retryJob(world, other.jobId, world.at.userId);
    expect(await world.job(again)).toMatchObject({ state: 'failed', ...refused });
    const { id } = await world.environment();
    const [release, code] = [await releaseOf(repositoryId), { code: 'other_repository' }];
    await expect(requestDeploy(world, id, release, null, world.at.userId)).rejects.toMatchObject(code);
    await expect(
      deployBranch({ ...world, pipelineForBranch: never }, { repositoryId, branch: 'main', environmentId: id }, world.at.userId),
    ).rejects.toMatchObject(code);
    await world.database.query(
      `insert into deployments (id, project_id, environment_id, release_id, strategy, kind, state, configuration, finished_at)
       values ($1, $2, $3, $4, 'recreate', 'deploy', 'succeeded', '{}', now() - interval '1 day')`,
      [newId(), world.at.projectId, id, release],
    );
    await expect(requestRollback(world, id, release, world.at.userId)).rejects.toMatchObject(code);
    await expect(requestRollback(world, id, null, world.at.userId)).rejects.toMatchObject({ code: 'nothing_to_roll_back_to' });
    expect(target.serving()).toEqual([own.version]);
    expect((await world.job((await world.push({ repositoryId, environment: 'staging-other' })).jobId))?.state).toBe('queued');
  });

  it('belongs to the first that serves there: one that waited for its turn meanwhile is refused then', async () => {
    const target = await world.anAgent();
    await world.push();
    const other = await world.push({ repositoryId: await another() });
    expect((await world.deploymentOf(other.jobId)).state).toBe('waiting');
    await world.deployNext(target);
    await world.tick();
    expect(await world.job(other.jobId)).toMatchObject({ state: 'failed', ...refused });
  });

  it('is free while nothing serves there', async () => {
    const target = await world.anAgent();
    target.ill.add((await world.push()).version);
    await world.deployNext(target);
    const other = await world.push({ repositoryId: await another() });
    await world.deployNext(target);
    expect(target.serving()).toEqual([other.version]);
  });
});

describe('an environment that is deleted while a run builds', () => {
  const remove = async () => deleteEnvironment(world.database, (await world.environment()).id, world.at.userId);
  async function confirmed(target: Awaited<ReturnType<typeof world.anAgent>>): Promise<void> {
    const { desired } = await world.host.desired(target.agentId, (await world.environment()).id);
    if (desired) target.apply(desired);
    await target.settle();
  }
  async function deployed() {
    const target = await world.anAgent();
    await world.push();
    await world.deployNext(target);
    return target;
  }

  it('is not made again by that run, nor by a retry, until a person makes it again', async () => {
    const target = await deployed();
    const entirely = () => remove().then(() => confirmed(target));
    for (const step of [remove, entirely]) {
      const { jobId } = await world.push({ branch: newId(), meanwhile: step });
      expect(await world.job(jobId)).toMatchObject({
        state: 'failed',
        reason: 'environment_deleted',
        message: expect.stringContaining('"staging" was deleted by Ada after this run had begun'),
      });
      await expect(retryJob(world, jobId, world.at.userId)).rejects.toMatchObject({ code: 'environment_deleted' });
      await confirmed(target);
      expect(await world.database.query(`select 1 from environments where state <> 'deleted'`)).toEqual([]);
      const [project] = await world.database.query<{ name: string }>('select name from projects');
      await createEnvironment(world, project?.name ?? '', 'staging', {}, world.at.userId);
      const again = await retryJob(world, jobId, world.at.userId);
      await world.deployNext(target);
      expect((await world.job(again))?.state).toBe('succeeded');
    }
  });

  it('is made again by a run that begins later, once its agent has let go of it', async () => {
    const target = await deployed();
    await remove();
    const early = await world.push();
    expect(await world.job(early.jobId)).toMatchObject({ state: 'failed', reason: 'environment_deleting' });
    await confirmed(target);
    await retryJob(world, early.jobId, world.at.userId);
    await world.deployNext(target);
    expect(target.serving()).toEqual([early.version]);
  });

  it('is said of a deployment by hand that is retried, too', async () => {
    const target = await deployed();
    const { id, current_release_id } = await world.environment();
    await requestDeploy(world, id, current_release_id, null, world.at.userId);
    const [job] = await world.database.query<{ id: string; run_id: string }>(
      `select j.id, j.run_id from jobs j join runs r on r.id = j.run_id where r.trigger = 'deploy'`,
    );
    await cancelRun(world, job?.run_id ?? '', world.at.userId);
    await remove();
    await confirmed(target);
    await expect(retryJob(world, job?.id ?? '', world.at.userId)).rejects.toMatchObject({ code: 'environment_deleted' });
  });
});

describe('two deployments to one environment', () => {
  it('asked for at once: one holds it, the other waits and goes when it is free', async () => {
    const target = await world.anAgent();
    const [a, b] = await Promise.all([world.push({ branch: 'one' }), world.push({ branch: 'two' })]);
    const states = async () => [(await world.deploymentOf(a.jobId)).state, (await world.deploymentOf(b.jobId)).state].sort();
    expect(await states()).toEqual(['provisioning', 'waiting']);
    expect([(await world.job(a.jobId))?.reason, (await world.job(b.jobId))?.reason]).toContain('environment_busy');
    await world.deployNext(target);
    expect(await world.take(target.agentId)).toBeUndefined();
    await world.tick();
    await world.deployNext(target);
    expect(await states()).toEqual(['succeeded', 'succeeded']);
  });

  it('of the same branch: the newest of those that wait supersedes the others, whose jobs are skipped', async () => {
    const target = await world.anAgent();
    const [first, second, third] = [await world.push(), await world.push(), await world.push()];
    expect((await world.deploymentOf(second.jobId)).state).toBe('superseded');
    await world.tick();
    expect(await world.job(second.jobId)).toMatchObject({ state: 'skipped', reason: 'superseded' });
    await world.deployNext(target);
    await world.tick();
    await world.deployNext(target);
    expect(target.serving()).toEqual([third.version]);
    expect((await world.job(first.jobId))?.state).toBe('succeeded');
  });

  it('of the same branch: a newer one that is there stays when an older one comes late, also when its job is retried', async () => {
    const target = await world.anAgent();
    const newer = await world.push();
    await world.deployNext(target);
    await world.database.query('update runs set number = number + 10 where id = $1', [newer.runId]);
    const late = await world.push();
    await world.tick();
    expect(await world.job(late.jobId)).toMatchObject({ state: 'skipped', reason: 'superseded' });
    expect(target.serving()).toEqual([newer.version]);
    await expect(retryJob(world, late.jobId, world.at.userId)).rejects.toMatchObject({ code: 'deployment_overtaken' });
    await world.tick();
    expect(target.serving()).toEqual([newer.version]);
  });

  it('a rollback goes before deploys that wait', async () => {
    const target = await world.anAgent();
    const good = await world.push();
    await world.deployNext(target);
    await world.push();
    await world.deployNext(target);
    await world.push({ branch: 'held' });
    const waiting = await world.push({ branch: 'later' });
    await requestRollback(world, (await world.environment()).id, null, world.at.userId);
    await world.tick();
    const work = await world.deployNext(target);
    expect(work.jobName).toBe('rollback staging');
    expect((await world.deploymentOf(waiting.jobId)).state).toBe('waiting');
    expect(good).toBeTruthy();
  });
});

describe('what happens twice, late or not at all', () => {
  it('changes nothing: repeated, older and foreign observations', async () => {
    const target = await world.anAgent();
    await world.push();
    await world.deployNext(target);
    const { jobId } = await world.push();
    const work = await world.take(target.agentId);
    const stale = target.seen();
    if (work?.deploy) target.apply(work.deploy.desired);
    const early = target.seen();
    await world.host.observed(target.agentId, early);
    const after = await world.environment();
    const replies = [await world.host.observed(target.agentId, early), await world.host.observed(target.agentId, stale)];
    expect(replies.map((reply) => reply.desired?.generation)).toEqual([after.generation, after.generation]);
    expect(await world.environment()).toMatchObject({ generation: after.generation });
    const stranger = await world.anAgent();
    await expect(world.host.observed(stranger.agentId, early)).rejects.toThrow(/does not live on this agent/);
    await expect(world.host.desired(stranger.agentId, after.id)).rejects.toThrow(/does not live on this agent/);
    await target.settle();
    expect((await world.deploymentOf(jobId)).state).toBe('succeeded');
  });

  it('sets aside what an agent sees and Postgres refuses, and forgets that when something of the environment is taken', async () => {
    const [target, stranger] = [await world.anAgent(), await world.anAgent()];
    await world.push();
    await world.deployNext(target);
    const [{ id, name } = { id: '', name: '' }] = await world.database.query<{ id: string; name: string }>(
      'select id, name from environments',
    );
    await world.database.query(`alter table environments add constraint no_poison check (observed->>'phase' <> 'failed')`);
    const poison = target.seen({ phase: 'failed' });
    await expect(world.host.observed(stranger.agentId, poison)).rejects.toThrow(/does not live on this agent/);
    await expect(world.host.observed(target.agentId, poison)).rejects.toThrow('no_poison');
    await expect(world.host.observed(target.agentId, { environmentId: id, generation: 1 })).rejects.toThrow();
    const letters = () => world.database.query('select key, about, tries from dead_letters');
    expect(await letters()).toEqual([{ key: id, about: `The report of its agent about environment "${name}"`, tries: 1 }]);
    await world.host.observed(target.agentId, target.seen());
    expect(await letters()).toEqual([]);
    await world.database.query('alter table environments drop constraint no_poison');
  });

  it('is taken up again where it was when the agent died half-way, and never begun twice', async () => {
    const target = await world.anAgent();
    const { jobId } = await world.push();
    const lost = await world.take(target.agentId);
    const { generation } = await world.environment();
    await world.database.query(`update attempts set state = 'ended' where id = $1`, [lost?.attempt]);
    await world.database.query(`update jobs set state = 'queued' where id = $1`, [jobId]);
    const again = await world.take(target.agentId);
    expect(again?.deploy).toMatchObject({ deploymentId: lost?.deploy?.deploymentId, desired: { generation } });
    if (again?.deploy) target.apply(again.deploy.desired);
    expect((await target.settle()).deployment?.verdict).toBe('succeeded');
  });

  describe('when its agent is restarted', () => {
    const restarted = (agentId: string) => endForgottenAttempts(world, agentId, { process: newId(), holding: [] });
    const attempts = () =>
      world.database.query<{ kind: string | null }>(
        `select a.outcome->>'kind' as kind from attempts a join jobs j on j.id = a.job_id where j.kind = 'deploy' order by a.number`,
      );

    it('goes on where it was, at once: the job is offered anew, and nothing is begun twice', async () => {
      const target = await world.anAgent();
      await restarted(target.agentId);
      const { jobId } = await world.push();
      const lost = await world.take(target.agentId);
      if (lost?.deploy) target.apply(lost.deploy.desired);
      await restarted(target.agentId);
      expect(await world.job(jobId)).toMatchObject({ state: 'queued', reason: 'agent_lost' });
      expect(await world.deploymentOf(jobId)).toMatchObject({ id: lost?.deploy?.deploymentId, state: 'provisioning' });
      const again = await world.deployNext(target);
      expect(again.deploy).toMatchObject({ deploymentId: lost?.deploy?.deploymentId });
      expect(target.applied.map(({ generation }) => generation)).toEqual([1, 2]);
      expect((await world.job(jobId))?.state).toBe('succeeded');
      expect(await attempts()).toEqual([{ kind: 'lost' }, { kind: 'passed' }]);
    });

    it('ends its job well and at once where it had succeeded already, without another attempt', async () => {
      const target = await world.anAgent();
      await restarted(target.agentId);
      const { jobId, runId } = await world.push();
      const work = await world.take(target.agentId);
      if (work?.deploy) target.apply(work.deploy.desired);
      await target.settle();
      expect((await world.deploymentOf(jobId)).state).toBe('succeeded');
      await restarted(target.agentId);
      expect((await world.job(jobId))?.state).toBe('succeeded');
      expect(await world.database.query('select state from runs where id = $1', [runId])).toEqual([{ state: 'succeeded' }]);
      expect(await attempts()).toEqual([{ kind: 'lost' }]);
    });

    it('and succeeds before the job is taken up again: its agent ends the job, or the server does when that is gone for good', async () => {
      const target = await world.anAgent();
      await restarted(target.agentId);
      const { jobId } = await world.push();
      const work = await world.take(target.agentId);
      if (work?.deploy) target.apply(work.deploy.desired);
      await restarted(target.agentId);
      await target.settle();
      expect((await world.deploymentOf(jobId)).state).toBe('succeeded');
      await world.tick();
      expect((await world.job(jobId))?.state).toBe('queued');
      await world.database.query('update agents set connected = false');
      await world.tick();
      expect((await world.job(jobId))?.state).toBe('succeeded');
    });
  });

  it('has the same end when the server died before the job was told: the next look ends it', async () => {
    const target = await world.anAgent();
    const { jobId } = await world.push();
    const work = await world.take(target.agentId);
    await world.database.query(`update deployments set deadline = now() - interval '1 s'`);
    await world.tick();
    expect((await world.deploymentOf(jobId)).state).toBe('rolling_back');
    await world.database.query(`update deployments set deadline = now() - interval '1 s'`);
    await world.tick();
    expect(await world.deploymentOf(jobId)).toMatchObject({ state: 'failed', reason: 'rollback_unconfirmed' });
    await world.database.query(`update attempts set state = 'ended' where id = $1`, [work?.attempt]);
    await Promise.all([world.tick(), world.tick()]);
    expect((await world.job(jobId))?.state).toBe('failed');
  });
});

describe('cancel', () => {
  it('drops what has not begun and frees the environment', async () => {
    const target = await world.anAgent();
    const [a, b] = [await world.push({ branch: 'one' }), await world.push({ branch: 'two' })];
    await cancelRun(world, a.runId, world.at.userId);
    expect((await world.deploymentOf(a.jobId)).state).toBe('cancelled');
    await world.tick();
    await world.deployNext(target);
    expect((await world.deploymentOf(b.jobId)).state).toBe('succeeded');
  });

  it('takes back what has begun: cancelled, as no traffic had moved', async () => {
    const target = await world.anAgent();
    const good = await world.push();
    await world.deployNext(target);
    const { runId, jobId } = await world.push();
    const work = await world.take(target.agentId);
    await cancelRun(world, runId, world.at.userId);
    await cancelRun(world, runId, world.at.userId);
    expect((await world.deploymentOf(jobId)).state).toBe('rolling_back');
    if (work?.deploy) target.apply(work.deploy.desired);
    expect((await target.settle()).deployment).toMatchObject({ state: 'cancelled', verdict: 'failed' });
    expect(target.serving()).toEqual([good.version]);
    if (work) await world.finish(target.agentId, work, { kind: 'failed', reason: 'deployment', message: '', step: null, exitCode: null });
    expect((await world.job(jobId))?.state).toBe('cancelled');
    expect(await world.database.query('select state from runs where id = $1', [runId])).toEqual([{ state: 'cancelled' }]);
  });
});

describe('a rollback', () => {
  const setVariables = (environmentId: string, variables: object) =>
    world.database.query('update environments set variables = $2 where id = $1', [environmentId, JSON.stringify(variables)]);
  const running = (target: Awaited<ReturnType<typeof world.anAgent>>) => target.desired?.releases.find((release) => release.weight > 0);

  it('brings back variables and secret versions of then, and switches to the warm release in one step', async () => {
    const target = await world.anAgent();
    const scope = { projectId: world.at.projectId, environmentId: null };
    await world.secrets.set(scope, 'API_KEY', 'first', world.at.userId);
    const app = { secrets: ['API_KEY'] };
    const old = await world.push({ app });
    await world.deployNext(target);
    const environment = await world.environment();
    await setVariables(environment.id, { MODE: 'new' });
    await world.secrets.set(scope, 'API_KEY', 'second', world.at.userId);
    await world.push({ app: { ...app, minimumHealthyMs: 60_000 } });
    await world.deployNext(target);
    await world.database.query(`update deployments set deadline = now() - interval '1 s' where state = 'verifying'`);
    await world.tick();
    expect(running(target)).toMatchObject({ env: { MODE: 'new' }, secrets: { API_KEY: 'second' } });
    const work = await world.database.query<{ id: string }>(
      `update attempts set state = 'ended' where state <> 'ended' returning job_id as id`,
    );
    await world.database.query(`update jobs set state = 'succeeded' where id = $1`, [work[0]?.id]);

    await world.secrets.delete(scope, 'API_KEY', world.at.userId);
    const steps = target.applied.length;
    await requestRollback(world, environment.id, null, world.at.userId);
    await world.deployNext(target);
    expect(target.applied).toHaveLength(steps + 1);
    expect(running(target)).toMatchObject({ version: old.version, secrets: { API_KEY: 'first' } });
    expect(running(target)?.env.MODE).toBeUndefined();
  });

  it('to a release that never ran there is refused, and so is one with nothing to go back to', async () => {
    const target = await world.anAgent();
    await world.push();
    await world.deployNext(target);
    const environment = await world.environment();
    const [release] = await world.database.query<{ id: string }>('select id from releases');
    await world.push({ environment: 'other' });
    await expect(requestRollback(world, environment.id, null, world.at.userId)).rejects.toThrow(/Nothing else ever ran/);
    await expect(requestRollback(world, (await world.environment('other')).id, release?.id ?? '', world.at.userId)).rejects.toThrow(
      /never ran in "other"/,
    );
  });

  describe('while another deployment is on its way', () => {
    async function threeReleases() {
      const target = await world.anAgent();
      const first = await world.push();
      await world.deployNext(target);
      const second = await world.push();
      await world.deployNext(target);
      const third = await world.push({ app: { minimumHealthyMs: 60_000 } });
      return { target, first, second, third, environmentId: (await world.environment()).id };
    }
    const follow = async (target: Awaited<ReturnType<typeof world.anAgent>>, work: Awaited<ReturnType<typeof world.take>>) => {
      const { deployment } = await target.settle();
      if (work && deployment?.verdict)
        await world.finish(target.agentId, work, { kind: 'failed', reason: 'deployment', message: '', step: null, exitCode: null });
      await world.tick();
    };

    it('ends at what served before that, at once, wherever the other is', async () => {
      for (const stage of ['held', 'provisioning', 'verifying'] as const) {
        await world.reset();
        const { target, second, third, environmentId } = await threeReleases();
        const work = stage === 'held' ? undefined : await world.take(target.agentId);
        if (work?.deploy) target.apply(work.deploy.desired);
        if (stage === 'verifying') await target.settle();
        expect((await world.deploymentOf(third.jobId)).state).toBe(stage === 'held' ? 'provisioning' : stage);
        await requestRollback(world, environmentId, null, world.at.userId);
        await follow(target, work);
        expect(await world.deploymentOf(third.jobId)).toMatchObject({
          state: stage === 'verifying' ? 'rolled_back' : 'cancelled',
          message: expect.stringContaining('Rolled back by '),
        });
        await world.deployNext(target);
        expect(target.serving()).toEqual([second.version]);
        const [back] = await world.database.query(`select state from deployments where kind = 'rollback'`);
        expect(back).toEqual({ state: 'succeeded' });
      }
    });

    it('goes where somebody names it, and is not asked for twice', async () => {
      const { target, first, second, third, environmentId } = await threeReleases();
      const idOf = async (version: string) =>
        (await world.database.query<{ id: string }>('select id from releases where commit_sha like $1', [`${version}%`]))[0]?.id ?? '';
      const work = await world.take(target.agentId);
      if (work?.deploy) target.apply(work.deploy.desired);
      await requestRollback(world, environmentId, null, world.at.userId);
      for (const again of [null, await idOf(second.version)])
        await expect(requestRollback(world, environmentId, again, world.at.userId)).rejects.toMatchObject({ code: 'rollback_under_way' });
      await requestRollback(world, environmentId, await idOf(first.version), world.at.userId);
      await follow(target, work);
      await world.deployNext(target);
      expect(target.serving()).toEqual([first.version]);
      expect((await world.deploymentOf(third.jobId)).state).toBe('cancelled');
    });

    it('is not needed when that is unwell: it goes back by itself, to the same', async () => {
      const { target, second, third } = await threeReleases();
      target.ill.add(third.version);
      await world.deployNext(target);
      expect(await world.deploymentOf(third.jobId)).toMatchObject({ state: 'rolled_back' });
      expect(target.serving()).toEqual([second.version]);
    });
  });

  it('that follows another goes on back, warm or cold', async () => {
    const target = await world.anAgent();
    const pushed = [];
    for (let count = 0; count < 3; count += 1) {
      pushed.push(await world.push());
      await world.deployNext(target);
    }
    const environment = await world.environment();
    for (const expected of [pushed[1], pushed[0]]) {
      await requestRollback(world, environment.id, null, world.at.userId);
      await world.deployNext(target);
      expect(target.serving()).toEqual([expected?.version]);
    }
  });

  it('that is retried goes back to the same', async () => {
    const target = await world.anAgent();
    const old = await world.push();
    await world.deployNext(target);
    await world.push();
    await world.deployNext(target);
    const environment = await world.environment();
    await requestRollback(world, environment.id, null, world.at.userId);
    const [job] = await world.database.query<{ id: string; run_id: string }>(
      `select j.id, j.run_id from jobs j join runs r on r.id = j.run_id where r.trigger = 'rollback'`,
    );
    await cancelRun(world, job?.run_id ?? '', world.at.userId);
    await retryJob({ database: world.database, gate: world.gate }, job?.id ?? '', world.at.userId);
    await world.deployNext(target);
    expect(target.serving()).toEqual([old.version]);
  });
});

describe('a release deployed again with another configuration', () => {
  it('stands beside itself during the switch', async () => {
    const target = await world.anAgent();
    const { version } = await world.push();
    await world.deployNext(target);
    const environment = await world.environment();
    await world.database.query(`update environments set variables = '{"MODE":"new"}'`);
    await requestDeploy(world, environment.id, environment.current_release_id, null, world.at.userId);
    await world.deployNext(target);
    const releases = target.desired?.releases ?? [];
    expect(releases.map((release) => [release.version, release.weight, release.env.MODE])).toEqual([
      [version, 100, 'new'],
      [version, 0, undefined],
    ]);
    expect(new Set(releases.map((release) => release.releaseId)).size).toBe(2);
  });
});
