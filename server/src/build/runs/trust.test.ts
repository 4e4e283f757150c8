import type { Work } from '@slipway/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anApp } from '../../deliver/deployments/testing/builders.js';
import { aWorld } from '../../deliver/deployments/testing/world.js';
import { trustClassOf } from '../../source/branches/rules/trust-class.js';
import { aJobSpec, anAgent, aPipeline, aRun } from '../../testing/builders.js';
import { acceptAttempt } from '../jobs/accept-attempt.js';
import { assignJobs } from '../jobs/assign-jobs.js';
import { retryJob } from '../jobs/retry-job.js';
import type { NewRun } from './ports.js';
import { progressRun } from './progress-run.js';

let world: Awaited<ReturnType<typeof aWorld>>;
let agent: string;

beforeAll(async () => {
  world = await aWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.reset();
  agent = await anAgent(world.database);
});

const PIPELINE = aPipeline(
  aJobSpec({ secrets: ['TOKEN'] }),
  aJobSpec({
    name: 'live',
    kind: 'deploy',
    needs: ['build'],
    steps: [],
    deploy: { environment: 'live', strategy: 'recreate', app: anApp({ secrets: ['TOKEN'] }) },
  }),
  aJobSpec({ name: 'e2e', kind: 'test', needs: ['live'] }),
);

const start = (over: Partial<NewRun>, pipeline = PIPELINE) =>
  world.database.transaction((tx) => world.startRun(tx, aRun(world.at, pipeline, over)));
const jobs = () =>
  world.database.query<{ id: string; name: string; state: string; reason: string | null }>(
    'select id, name, state, reason from jobs where is_current order by position',
  );
const states = async () => (await jobs()).map(({ name, state, reason }) => `${name} ${state}${reason ? ` ${reason}` : ''}`);
const deploymentsAndReleases = () =>
  world.database.query('select (select count(*)::int from deployments) as deployments, (select count(*)::int from releases) as releases');

/** The first job, taken with the real secrets; `asked` holds the names that were looked up. */
async function takeBuild(): Promise<{ work: Work; asked: string[] }> {
  const asked: string[] = [];
  await assignJobs(world.database);
  const [offer] = await world.database.query<{ id: string }>(`select id from attempts where state = 'offered'`);
  const secretsFor = async (...[, , , names]: [unknown, unknown, unknown, string[]]) => {
    asked.push(...names);
    return { TOKEN: 'very secret' };
  };
  const { database, gate } = world;
  return {
    work: await acceptAttempt(
      { database, gate, secretsFor, trustClassOf, openLog: async () => undefined, mustFit: () => undefined },
      agent,
      {
        attempt: offer?.id,
      },
    ),
    asked,
  };
}

describe("a fork's code", () => {
  it('gets no secret, and deploys nothing', async () => {
    await start({ trusted: false, trigger: 'pull_request', ref: 'refs/pull/7/merge', headSha: 'b'.repeat(40) });
    expect(await states()).toEqual(['build queued', 'live skipped untrusted', 'e2e skipped needs_failed']);
    const { work, asked } = await takeBuild();
    expect(JSON.stringify(work)).not.toContain('very secret');
    expect(work).toMatchObject({ secrets: {}, checkout: { ref: 'refs/pull/7/merge' }, env: { SLIPWAY_REF: 'refs/pull/7/merge' } });
    expect(asked).toEqual([]);
    await world.finish(agent, work, { kind: 'passed' });
    expect(await deploymentsAndReleases()).toEqual([{ deployments: 0, releases: 0 }]);
    expect(await world.database.query('select state from runs')).toEqual([{ state: 'succeeded' }]);
  });

  it('deploys nothing either when its jobs are tried again', async () => {
    await start({ trusted: false, trigger: 'pull_request' });
    const { work } = await takeBuild();
    await world.finish(agent, work, { kind: 'failed', reason: 'exit_code', message: 'x', step: 'say', exitCode: 1 });
    for (const name of ['build', 'live']) {
      const job = (await jobs()).find((candidate) => candidate.name === name);
      await retryJob(world, job?.id ?? '', world.at.userId);
      await world.database.query(`update jobs set state = 'succeeded' where name = 'build' and is_current`);
      await world.database.transaction((tx) => progressRun(tx, work.runId, world.gate));
      expect((await states())[1]).toBe('live skipped untrusted');
    }
    expect(await deploymentsAndReleases()).toEqual([{ deployments: 0, releases: 0 }]);
  });

  it('is refused to an agent as a deployment, should one ever be offered', async () => {
    await world.database.query('delete from agents');
    const target = await world.anAgent();
    const { runId } = await world.push();
    await world.database.query('update runs set trusted = false where id = $1', [runId]);
    await expect(world.take(target.agentId)).rejects.toMatchObject({ code: 'untrusted_deploy' });
  });
});

it('a pull request of the repository itself gets secrets for its builds, and deploys nothing', async () => {
  await start({ trigger: 'pull_request' });
  expect(await states()).toEqual(['build queued', 'live skipped pull_request', 'e2e skipped needs_failed']);
  expect((await takeBuild()).work.secrets).toEqual({ TOKEN: 'very secret' });
});

it('jobs that the event did not need stay out when a job before them is tried again', async () => {
  const pipeline = aPipeline(
    aJobSpec(),
    aJobSpec({ name: 'docs', needs: ['build'] }),
    aJobSpec({ name: 'unit', needs: ['build', 'docs'] }),
  );
  await start({ skips: [{ name: 'docs', reason: 'filtered', message: 'No file that changed is one of those.' }] }, pipeline);
  const { work } = await takeBuild();
  await world.finish(agent, work, { kind: 'failed', reason: 'exit_code', message: 'x', step: 'say', exitCode: 1 });
  expect(await states()).toEqual(['build failed exit_code', 'docs skipped filtered', 'unit skipped needs_failed']);
  await retryJob(world, (await jobs())[0]?.id ?? '', world.at.userId);
  expect(await states()).toEqual(['build queued', 'docs skipped filtered', 'unit waiting']);
  await world.finish(agent, (await takeBuild()).work, { kind: 'passed' });
  expect(await states()).toEqual(['build succeeded', 'docs skipped filtered', 'unit queued']);
});
