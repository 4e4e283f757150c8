import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { anApp } from '../../deliver/deployments/testing/builders.js';
import { aWorld } from '../../deliver/deployments/testing/world.js';
import { aJobSpec, aPipeline, aRun } from '../../testing/builders.js';
import { FILTERED } from '../pipelines/decide-run.js';
import type { NewRun } from './ports.js';
import { runAgain } from './run-again.js';

const SHA = 'a'.repeat(40);
let world: Awaited<ReturnType<typeof aWorld>>;

beforeAll(async () => {
  world = await aWorld();
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const DEPLOY = aJobSpec({
  name: 'deploy',
  kind: 'deploy',
  needs: ['build'],
  steps: [],
  deploy: { environment: 'staging', strategy: 'blue-green', app: anApp() },
});
const PIPELINE = aPipeline(aJobSpec(), aJobSpec({ name: 'docs' }), DEPLOY);

async function aRunThatIsOver(over: Partial<NewRun> = {}, state = 'succeeded'): Promise<string> {
  const { runId } = await world.database.transaction((tx) => world.startRun(tx, aRun(world.at, PIPELINE, { commitSha: SHA, ...over })));
  await world.database.query('update runs set state = $2 where id = $1', [runId, state]);
  return runId;
}

const headOf = (branch: string, sha: string) =>
  world.database.query('insert into branches (id, repository_id, name, head_sha) values (gen_random_uuid(), $1, $2, $3)', [
    world.at.repositoryId,
    branch,
    sha,
  ]);

const again = (runId: string) => runAgain(world, runId, world.at.userId);
const jobsOf = async (runId: string) =>
  Object.fromEntries(
    (await world.database.query<{ name: string; state: string }>('select name, state from jobs where run_id = $1', [runId])).map((job) => [
      job.name,
      job.state,
    ]),
  );

it('runs the same commit and pipeline as a run of its own, asked for by whoever wants it, without what was not needed', async () => {
  await headOf('main', SHA);
  const old = await aRunThatIsOver({ skips: [{ name: 'docs', reason: FILTERED, message: 'No path of "docs" changed.' }] }, 'cancelled');
  const run = await again(old);
  const [row] = await world.database.query(
    'select number, trigger, commit_sha as sha, triggered_by as by, push_id as push from runs where id = $1',
    [run],
  );
  expect(row).toEqual({ number: 2, trigger: 'manual', sha: SHA, by: world.at.userId, push: null });
  expect(await jobsOf(run)).toEqual({ build: 'queued', docs: 'skipped', deploy: 'waiting' });
});

it('deploys nothing of a commit that its branch or tag has left behind, or whose branch or tag is gone', async () => {
  const gone = await again(await aRunThatIsOver());
  await headOf('main', 'b'.repeat(40));
  const behind = await again(await aRunThatIsOver());
  for (const run of [gone, behind]) expect(await jobsOf(run)).toMatchObject({ build: 'queued', deploy: 'skipped' });
  const [job] = await world.database.query<{ message: string }>(`select message from jobs where run_id = $1 and name = 'deploy'`, [behind]);
  expect(job?.message).toContain('"main" has moved on');
  const ofTag = async () => (await jobsOf(await again(await aRunThatIsOver({ branch: 'v1', ref: 'refs/tags/v1' })))).deploy;
  expect(await ofTag()).toBe('skipped');
  await headOf('v1', SHA);
  expect(await ofTag()).toBe('skipped');
  const tagAt = (sha: string) =>
    world.database.query(
      `insert into tags (id, repository_id, name, sha) values (gen_random_uuid(), $1, 'v1', $2)
       on conflict (repository_id, name) do update set sha = excluded.sha`,
      [world.at.repositoryId, sha],
    );
  await tagAt('b'.repeat(40));
  expect(await ofTag()).toBe('skipped');
  await tagAt(SHA);
  expect(await ofTag()).toBe('waiting');
});

it('gives a fork and a pull request no more rights than they had', async () => {
  const run = await again(
    await aRunThatIsOver({ trusted: false, trigger: 'pull_request', ref: 'refs/pull/3/merge', headSha: 'c'.repeat(40) }),
  );
  const [row] = await world.database.query('select trusted, trigger, ref, head_sha as head from runs where id = $1', [run]);
  expect(row).toEqual({ trusted: false, trigger: 'pull_request', ref: 'refs/pull/3/merge', head: 'c'.repeat(40) });
  expect((await jobsOf(run)).deploy).toBe('skipped');
});

it('refuses a run that goes on, a deployment, and a pipeline that cannot be read', async () => {
  await expect(again(await aRunThatIsOver({}, 'running'))).rejects.toMatchObject({ code: 'run_not_over' });
  await expect(again(await aRunThatIsOver({ trigger: 'rollback' }))).rejects.toMatchObject({ code: 'run_of_deployment' });
  await expect(again(await aRunThatIsOver({ pipeline: null }, 'invalid'))).rejects.toMatchObject({ code: 'pipeline_invalid' });
});
