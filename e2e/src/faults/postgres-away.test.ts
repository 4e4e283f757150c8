import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Counting, countedLines, countingFiles } from '../counting.js';
import { eventually } from '../eventually.js';
import { Installation } from '../installation.js';
import { expectInvariants } from '../invariants.js';
import { deployedSample, FIRST_GREETING, trafficTo } from '../sample.js';
import { WorkingCopy } from '../working-copy.js';

const AWAY_MS = 60_000;
/** One that is over while Postgres is away, and one that goes on beyond. */
const JOBS: Record<string, Counting> = { ends: { lines: 200, everySeconds: 0.05 }, lasts: { lines: 650, everySeconds: 0.1 } };

const AFTERWARDS: Record<string, Counting> = { afterwards: { lines: 20, everySeconds: 0.02 } };

describe('Postgres is away', () => {
  let installation: Installation;
  let copy: WorkingCopy;

  beforeAll(async () => {
    installation = await Installation.create();
    copy = await WorkingCopy.ofNewProject(installation, 'faults');
  });
  afterAll(async () => {
    await copy?.[Symbol.asyncDispose]();
    await installation?.destroy();
  });

  const beginToWork = async (): Promise<string> => {
    const sha = await copy.pushed('Goes on without Postgres', countingFiles(JOBS));
    for (const name of Object.keys(JOBS)) {
      const job = await installation.api.jobOf('faults', sha, name, ['RUNNING']);
      await eventually(`lines of ${name}`, 10_000, async () => {
        const [attempt] = (await installation.api.job(job.id)).attempts;
        return attempt && countedLines(await installation.api.logText(attempt.id)).length > 10;
      });
    }
    return sha;
  };

  it('fault 20: for 60 s: jobs go on, applications serve, everybody else is told so, and then all is well again', {
    timeout: 180_000,
  }, async () => {
    const traffic = trafficTo((await deployedSample(installation)).url);
    const sha = await beginToWork();
    const server = await installation.process('server');
    const agent = await installation.process('agent');
    const refused = await copy.commit('Pushed while Postgres is away', countingFiles(AFTERWARDS));

    await installation.whileAway('Postgres', async () => {
      const gone = Date.now();
      await eventually(
        'the server to say that it is not ready',
        15_000,
        async () => (await fetch(`${installation.url}/readyz`)).status === 503,
      );
      expect((await fetch(`${installation.url}/healthz`)).status, 'the server lives').toBe(200);
      await expect(installation.api.runs('faults'), 'a query').rejects.toThrow(/database can't be reached.*try again/i);
      await expect(copy.push(), 'a push').rejects.toThrow(/503/);
      await sleep(AWAY_MS - (Date.now() - gone));
    });

    await installation.ready();
    await installation.api.runOf('faults', sha, ['SUCCEEDED'], 30_000);
    await traffic.stop();
    expect(traffic.failures, 'requests to the application').toEqual([]);
    expect(traffic.versions).toEqual([FIRST_GREETING]);
    expect((await installation.process('server')).pid, 'the server was not restarted').toBe(server.pid);
    expect((await installation.process('agent')).pid, 'the agent was not restarted').toBe(agent.pid);
    expect(await installation.sql('select 1 from pushes where new_sha = $1', [refused]), 'rows of the refused push').toEqual([]);
    await copy.push();
    await installation.api.runOf('faults', refused, ['SUCCEEDED'], 90_000);
    await expectInvariants(installation, { pushes: [sha, refused], counting: { ...JOBS, ...AFTERWARDS } });
  });
});
