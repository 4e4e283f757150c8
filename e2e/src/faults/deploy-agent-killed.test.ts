import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.js';
import { Installation } from '../installation.js';
import { expectInvariants } from '../invariants.js';
import { changeGreeting, deployedSample, headlineOf, SAMPLE, trafficTo } from '../sample.js';
import type { Traffic } from '../traffic.js';
import { WorkingCopy } from '../working-copy.js';

const ASKED_AFTERWARDS = 100;
/** A deployment that is over ends its job at once: no attempt of the killed process is waited for until its lease (15 s) is over. */
const JOB_ENDS_MS = 8_000;

/** The agent that switches an environment from one release to the next is killed in the middle of it, while people use the application. */
describe('the deploy agent is killed in the middle of a switch', () => {
  let installation: Installation;
  let copy: WorkingCopy;
  let url: string;
  const pushes: string[] = [];

  beforeAll(async () => {
    installation = await Installation.create();
    ({ url } = await deployedSample(installation));
    copy = await WorkingCopy.clone(installation);
  });
  afterAll(async () => {
    await copy?.[Symbol.asyncDispose]();
    await installation?.destroy();
  });

  const push = async (greeting: string): Promise<string> => {
    const sha = await changeGreeting(copy, greeting);
    await copy.push();
    pushes.push(sha);
    return sha;
  };

  /** Whatever became of the deployment: one release serves, it is the one that the environment names, and nobody got an error. */
  const expectOneVersionServes = async (sha: string, traffic: Traffic, old: string, next: string) => {
    const run = await installation.api.runOf(SAMPLE, sha, ['SUCCEEDED', 'FAILED'], 90_000);
    await traffic.stop();
    expect(traffic.failures, 'failed requests').toEqual([]);
    const [late] = await installation.sql<{ ms: number }>(
      `select (extract(epoch from j.finished_at - d.finished_at) * 1000)::float8 as ms from deployments d join jobs j on j.id = d.job_id
       order by d.id desc limit 1`,
    );
    expect(late?.ms, 'ms from the end of the deployment to that of its job').toBeLessThan(JOB_ENDS_MS);
    const answers = new Set<string>();
    for (let count = 0; count < ASKED_AFTERWARDS; count++) answers.add(headlineOf(await (await fetch(url)).text()));
    const expected = run.state === 'SUCCEEDED' ? next : old;
    expect([...answers], 'versions that serve afterwards').toEqual([expected]);
    const { release, health } = await installation.api.environment(SAMPLE, 'development');
    expect(release?.commitSha === sha, 'the environment names the release that serves').toBe(run.state === 'SUCCEEDED');
    expect(health).toBe('HEALTHY');
    await expectInvariants(installation, { pushes, mayLose: pushes.length });
  };

  it('fault 26: while the new release starts', async () => {
    const traffic = trafficTo(url);
    const sha = await push('Hello second');
    await installation.api.jobOf(SAMPLE, sha, 'development', ['RUNNING']);
    await eventually('the rollout to begin', 15_000, async () => {
      const [deployment] = await installation.sql<{ state: string }>('select state from deployments order by id desc limit 1');
      return deployment && ['provisioning', 'rolling_out'].includes(deployment.state);
    });
    await installation.kill('agent');
    await expectOneVersionServes(sha, traffic, 'Hello from Slipway', 'Hello second');
  });

  it('fault 26: in the moment in which the new release has got its first request', async () => {
    const before = headlineOf(await (await fetch(url)).text());
    const traffic = trafficTo(url);
    const sha = await push('Hello third');
    await eventually('the first answer of the new release', 60_000, async () => traffic.versions.includes('Hello third'));
    await installation.kill('agent');
    await expectOneVersionServes(sha, traffic, before, 'Hello third');
  });
});
