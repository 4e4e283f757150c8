import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeTarget } from '../deliver/deployments/testing/fake-target.js';
import { newId } from '../platform/ids.js';
import { describe as describeDeployment } from './deployment-status.js';
import { builtOnly, shipped } from './testing/pipelines.js';
import { type RestServer, serveRest } from './testing/serve-rest.js';

let rest: RestServer;
let target: FakeTarget;
let envId: string;
beforeAll(async () => {
  rest = await serveRest();
});
beforeEach(async () => {
  await rest.reset();
  target = await rest.world.anAgent();
  envId = await anEnvironment('staging');
});
afterAll(() => rest.close());

async function anEnvironment(env_name: string): Promise<string> {
  return (await rest.post('/environments', { project_id: rest.known.project, env_name })).body.env_id as string;
}

const deploy = (fields: Record<string, unknown> = {}, token?: string) =>
  rest.post(
    '/deployments',
    { repo_url: rest.known.repoUrl, branch_name: 'main', env_id: envId, ...fields },
    token === undefined ? {} : { token },
  );
const status = (deployment_id: unknown, token?: string) =>
  rest.get('/deployments/status', { deployment_id: deployment_id as string }, token === undefined ? {} : { token });
const byHand = (over = '') => ({ '.slipway.yml': `on: [manual]\n${shipped(over)['.slipway.yml']}` });

/** An agent builds: the next job passes, and leaves its artifact. */
async function build(passed = true): Promise<void> {
  const work = await rest.world.take(target.agentId);
  if (!work || work.deploy) throw new Error('No build is offered.');
  await rest.database.query(
    `insert into artifacts (id, project_id, run_id, job_id, attempt_id, name, digest, size)
     select $2, j.project_id, j.run_id, j.id, a.id, 'site', $3, 10 from attempts a join jobs j on j.id = a.job_id where a.id = $1`,
    [work.attempt, newId(), randomBytes(32).toString('hex')],
  );
  const failed = { kind: 'failed', reason: 'step', message: 'make: error', step: 'make', exitCode: 2 } as const;
  await rest.world.finish(target.agentId, work, passed ? { kind: 'passed' } : failed);
}

describe('a branch whose head has no release', () => {
  it('is built, with what its deploy job needs, and deployed; the deployment can be asked for all the while', async () => {
    const sha = await rest.push('main', byHand());
    const answer = await deploy();
    expect(answer).toMatchObject({ status: 201 });
    expect(answer.body.message).toBe(`Commit ${sha.slice(0, 7)} is built, then deployed to "staging".`);
    const id = answer.body.deployment_id;
    const jobs = await rest.database.query<{ name: string }>('select name from jobs order by position');
    expect(jobs.map((job) => job.name)).toEqual(['build', 'staging']);
    expect((await status(id)).body).toEqual({
      deployment_id: id,
      status: 'in-progress',
      details: 'Deployment is 0% complete: the jobs that it needs are under way, 0 of 1 done.',
    });
    await build();
    expect(await status(id)).toMatchObject({
      body: {
        deployment_id: id,
        status: 'in-progress',
        details: 'Deployment is 20% complete: It is next; waiting for a free slot on the agent.',
      },
    });
    await rest.world.deployNext(target);
    expect(await status(id)).toMatchObject({ body: { status: 'completed' } });
    expect((await status(id)).body.details).toMatch(/^Deployment is 100% complete: .{7} went live and was healthy\.$/);
    const [{ id: own } = { id: '' }] = await rest.database.query<{ id: string }>('select id from deployments');
    expect(await status(own)).toMatchObject({ status: 200, body: { deployment_id: own, status: 'completed' } });
  });

  it('goes to an environment that the pipeline does not name, in the way of its first deploy job', async () => {
    await rest.push('main', byHand());
    const { body } = await deploy({ env_id: await anEnvironment('qa') });
    await build();
    await rest.world.deployNext(target);
    expect(await status(body.deployment_id)).toMatchObject({ body: { status: 'completed' } });
    expect((await rest.world.environment('qa')).current_release_id).not.toBeNull();
  });

  it('has failed when its build has', async () => {
    await rest.push('main', byHand());
    const { body } = await deploy();
    await build(false);
    expect((await status(body.deployment_id)).body).toEqual({
      deployment_id: body.deployment_id,
      status: 'failed',
      details: 'Deployment failed: Not started, because "build" did not succeed.',
    });
  });

  it('is refused where its pipeline does not say how to deploy', async () => {
    await rest.push('main', builtOnly);
    const answer = await deploy();
    expect(answer).toMatchObject({ status: 409, code: 'nothing_to_deploy' });
    expect(answer.message).toContain('Add "app:" to .slipway.yml');
  });
});

describe('a branch whose head has a release', () => {
  async function released(): Promise<void> {
    await rest.push('main', byHand());
    await deploy();
    await build();
    await rest.world.deployNext(target);
  }

  it('is deployed at once, without another build', async () => {
    await released();
    const production = await anEnvironment('production');
    const answer = await deploy({ env_id: production });
    expect(answer.body.message).toMatch(/^Release #1 \(commit .{7}\) is on its way to "production"\.$/);
    await rest.world.deployNext(new FakeTarget(rest.world.host, target.agentId));
    expect(await status(answer.body.deployment_id)).toMatchObject({ body: { status: 'completed' } });
    expect(await rest.database.query('select 1 from releases')).toHaveLength(1);
  });

  it('is built once more when its artifact is gone, or its head has moved', async () => {
    await released();
    await rest.database.query('update artifacts set deleted_at = now()');
    expect((await deploy()).body.message).toContain('is built, then deployed');
    await rest.database.query('update artifacts set deleted_at = null');
    await rest.push('main', byHand('# changed'));
    expect((await deploy()).body.message).toContain('is built, then deployed');
  });

  it('goes back when it is unwell, and says why', async () => {
    await released();
    const sha = await rest.push('main', byHand('# ill'));
    target.ill.add(sha.slice(0, 7));
    const { body } = await deploy();
    await build();
    await rest.world.deployNext(target);
    const answer = await status(body.deployment_id);
    expect(answer.body.status).toBe('rolled-back');
    expect(answer.body.details).toContain(`Deployment was rolled back: ${sha.slice(0, 7)} answered 500.`);
  });

  it('waits while the environment is not free, and is cancelled when somebody takes it back', async () => {
    await released();
    await deploy();
    const second = (await deploy()).body.deployment_id as string;
    expect(await status(second)).toMatchObject({ body: { status: 'waiting' } });
    expect((await status(second)).body.details).toMatch(/^Deployment is 0% complete: Another deployment to "staging" is under way/);
    await rest.database.transaction((tx) => rest.world.gate.cancel(tx, second, 'Nobody wants it any more.'));
    expect((await status(second)).body).toMatchObject({
      status: 'cancelled',
      details: 'Deployment was cancelled: Nobody wants it any more.',
    });
  });
});

describe('who and what', () => {
  it('POST deployments refuses unknown things, those of other projects, and wrong types', async () => {
    await rest.push('main', byHand());
    expect(await deploy({ branch_name: 'nothing' })).toMatchObject({ status: 404, code: 'branch_not_found' });
    expect(await deploy({ env_id: '0198f3c2-6d1e-7a34-9b0c-5f2e8d71a640' })).toMatchObject({ status: 404, code: 'environment_not_found' });
    expect(await deploy({ repo_url: '/git/no/where.git' })).toMatchObject({ status: 404, code: 'repository_not_found' });
    const [other, foreign] = [newId(), newId()];
    await rest.database.query(`insert into projects (id, name, owner_id) values ($1, $2, $3)`, [
      other,
      `o-${other.slice(-12)}`,
      rest.world.at.userId,
    ]);
    await rest.database.query(`insert into project_members (project_id, user_id, role) values ($1, $2, 'admin')`, [
      other,
      rest.world.at.userId,
    ]);
    await rest.database.query(`insert into environments (id, project_id, name) values ($1, $2, 'staging')`, [foreign, other]);
    expect(await deploy({ env_id: foreign })).toMatchObject({ status: 404, code: 'environment_not_found' });
    for (const wrong of [{ env_id: 1 }, { branch_name: null }, { repo_url: {} }])
      expect(await deploy(wrong)).toMatchObject({ status: 400, code: 'bad_input' });
  });

  it('POST deployments needs a deployer', async () => {
    await rest.push('main', byHand());
    expect(await deploy({}, await rest.tokenFor('developer'))).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await deploy({}, await rest.tokenFor(null))).toMatchObject({ status: 404, code: 'repository_not_found' });
    const { body } = await deploy({}, await rest.tokenFor('deployer'));
    await build();
    await rest.world.deployNext(target);
    expect(await status(body.deployment_id)).toMatchObject({ body: { status: 'completed' } });
  });

  it('GET deployments/status finds only what is there, is a deployment, and may be seen', async () => {
    await rest.push('main', byHand());
    const { deployment_id } = (await deploy()).body;
    const [built] = await rest.database.query<{ id: string }>(`select id from jobs where kind = 'build'`);
    for (const id of ['0198f3c2-6d1e-7a34-9b0c-5f2e8d71a640', 'nothing', built?.id ?? ''])
      expect(await status(id)).toMatchObject({ status: 404, code: 'deployment_not_found' });
    expect(await status(deployment_id, await rest.tokenFor(null))).toMatchObject({ status: 404, code: 'deployment_not_found' });
    expect(await status(deployment_id, await rest.tokenFor('viewer'))).toMatchObject({ status: 200 });
    expect(await rest.call('/deployments/status', 'GET', { body: { deployment_id } })).toMatchObject({ status: 200 });
    expect(await rest.call('/deployments/status', 'GET', { body: { deployment_id: 1 } })).toMatchObject({ status: 400, code: 'bad_input' });
  });
});

it('says in words where a deployment stands, with a share of the way only while it goes there', () => {
  expect(describeDeployment({ state: 'rolling_out', message: 'Half is there.' })).toBe('Deployment is 60% complete: Half is there.');
  expect(describeDeployment({ state: 'paused', message: null })).toBe('Deployment is 60% complete and paused.');
  expect(describeDeployment({ state: 'rolling_back', message: 'It was unhealthy.' })).toBe(
    'Deployment is being rolled back: It was unhealthy.',
  );
  expect(describeDeployment({ state: 'superseded', message: null })).toBe('Deployment was superseded.');
});
