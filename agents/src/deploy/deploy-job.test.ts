import { randomUUID } from 'node:crypto';
import type { DeploymentProgress, DesiredEnvironment, Observed, Work } from '@slipway/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployFixture } from './testing/deploy-fixture.js';

let at: Awaited<ReturnType<typeof deployFixture>>;
beforeEach(async () => {
  at = await deployFixture();
});
afterEach(() => at[Symbol.asyncDispose]());

const deploymentId = randomUUID();
const progress = (state: string, message: string | null, verdict: DeploymentProgress['verdict'] = null) => ({
  deploymentId,
  state,
  message,
  verdict,
});

function aDeployWork(desired: DesiredEnvironment): Work {
  return {
    attempt: randomUUID(),
    number: 1,
    key: '',
    token: '',
    kind: 'deploy',
    jobId: randomUUID(),
    jobName: 'deploy',
    runId: randomUUID(),
    runNumber: 1,
    project: 'shop',
    timeoutMs: 60_000,
    checkout: null,
    needs: [],
    env: {},
    secrets: {},
    steps: [],
    artifacts: [],
    reports: { tests: [] },
    limits: { cpuCores: null, memoryMib: null, processes: null },
    log: { maxLineBytes: 65_536, maxBytes: 1_000_000 },
    deploy: { deploymentId, desired },
  };
}

function testLog() {
  let text = '';
  return {
    write: (bytes: Uint8Array) => {
      text += Buffer.from(bytes).toString();
    },
    get lines() {
      return text.split('\n').slice(0, -1);
    },
  };
}

describe('a deploy job', () => {
  it('follows the deployment through its generations to the verdict, and tells the story in its log', async () => {
    const release = at.release('a1b2c3d');
    const prepared = at.desire([{ ...release, weight: 0 }]);
    at.server.deployment = ({ phase, generation }: Observed) => {
      if (phase === 'converged' && generation === prepared.generation && at.server.desired === prepared) at.desire([release]);
      return generation > prepared.generation && phase === 'converged'
        ? progress('succeeded', 'Deployed a1b2c3d', 'succeeded')
        : progress('rolling_out', 'Waiting for health');
    };
    const log = testLog();
    const outcome = await at.target.runDeployJob(aDeployWork(prepared), log, new AbortController().signal);
    expect(outcome).toEqual({ kind: 'passed' });
    expect(await (await fetch(at.url)).text()).toBe('a1b2c3d');
    const story = [
      /^Fetching artifact \w{12} of a1b2c3d \(0\.0 MB\)$/,
      /^Unpacked after/,
      /^Starting a1b2c3d on port 2\d{4}$/,
      /^a1b2c3d │ app a1b2c3d starts/,
      /is healthy after \d+\.\d s$/,
      /^Traffic goes to a1b2c3d \(100 %\)$/,
      /^Deployed a1b2c3d$/,
    ];
    const found = story.map((line) => log.lines.findIndex((each) => line.test(each)));
    expect(found, log.lines.join('\n')).not.toContain(-1);
    expect([...found].sort((a, b) => a - b)).toEqual(found);
    expect(log.lines.filter((line) => line === 'Waiting for health')).toHaveLength(1);
  });

  it('shows what an application prints as it starts, but not all that it prints of its warm-up', async () => {
    const release = at.release('v1', { env: { VERSION: 'v1', LOG_REQUESTS: 'yes' } });
    at.server.deployment = ({ phase }) =>
      phase === 'converged' ? progress('succeeded', 'Deployed', 'succeeded') : progress('rolling_out', null);
    const log = testLog();
    await at.target.runDeployJob(aDeployWork(at.desire([release])), log, new AbortController().signal);
    expect(log.lines.some((line) => line.includes('app v1 starts'))).toBe(true);
    expect(log.lines.filter((line) => line.includes('asked for /health')).length).toBeLessThan(20);
  });

  it('fails with what the server says when the deployment was rolled back', async () => {
    const broken = at.release('broken', { env: { VERSION: 'broken', EXIT_CODE: '1' } });
    at.server.deployment = ({ phase }) =>
      phase === 'failed' ? progress('rolled_back', 'broken did not become healthy', 'failed') : progress('rolling_out', null);
    const log = testLog();
    const outcome = await at.target.runDeployJob(aDeployWork(at.desire([broken])), log, new AbortController().signal);
    expect(outcome).toEqual({
      kind: 'failed',
      reason: 'deployment_rolled_back',
      message: 'broken did not become healthy',
      step: null,
      exitCode: null,
    });
    expect(log.lines.join('\n')).toContain('exit code 1');
  });

  it('stops following when it is cancelled, and leaves the environment to the server', async () => {
    const stop = new AbortController();
    const running = at.target.runDeployJob(aDeployWork(at.desire([at.release('v1')])), testLog(), stop.signal);
    await at.observedAt('converged');
    stop.abort('cancelled by somebody');
    expect(await running).toEqual({ kind: 'stopped', reason: 'cancelled by somebody' });
    expect(await (await fetch(at.url)).text()).toBe('v1');
  });
});
