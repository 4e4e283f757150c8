import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Counting, countedLines, countingFiles } from '../counting.js';
import { eventually } from '../eventually.js';
import { Installation } from '../installation.js';
import { expectInvariants } from '../invariants.js';
import { WorkingCopy } from '../working-copy.js';

const SHORT: Counting = { lines: 10, everySeconds: 0.02 };
const LONG: Counting = { lines: 250, everySeconds: 0.02 };

/** NATS carries work and logs, and may lose all that it has: Postgres and the agent still know. */
describe('NATS is lost', () => {
  let installation: Installation;
  let copy: WorkingCopy;
  const pushes: string[] = [];

  beforeAll(async () => {
    installation = await Installation.create({ SLIPWAY_SAMPLE: 'off' });
    copy = await WorkingCopy.ofNewProject(installation, 'faults');
  });
  afterAll(async () => {
    await copy?.[Symbol.asyncDispose]();
    await installation?.destroy();
  });

  const push = async (message: string, jobs: Record<string, Counting>): Promise<string> => {
    const sha = await copy.pushed(message, countingFiles(jobs));
    pushes.push(sha);
    return sha;
  };

  it('fault 4: killed under dispatch: every job runs, once, and no line of a log is missing', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `quick-${index + 1}`);
    const counting = Object.fromEntries(names.map((name) => [name, SHORT]));
    const sha = await push('Many short jobs', counting);
    for (const finished of [1, 4, 7]) {
      await eventually(`${finished} jobs to be over`, 30_000, async () => {
        const [run] = await installation.api.runs('faults');
        return run && run.jobs.filter(({ state }) => state === 'SUCCEEDED').length >= finished;
      });
      const killed = await installation.kill('nats-server');
      await installation.startedAgain(killed);
    }
    await installation.api.runOf('faults', sha, ['SUCCEEDED']);
    await expectInvariants(installation, { pushes, counting });
  });

  it('fault 5: its store and the accounts it knew are wiped while jobs run and others are queued', async () => {
    const counting = { 'runs-1': LONG, 'runs-2': LONG, 'waits-1': SHORT, 'waits-2': SHORT, 'waits-3': SHORT };
    const sha = await push('Some run, some wait', counting);
    const running = await installation.api.jobOf('faults', sha, 'runs-1', ['RUNNING']);
    await eventually('a log that has begun', 10_000, async () => {
      const [attempt] = (await installation.api.job(running.id)).attempts;
      return attempt && countedLines(await installation.api.logText(attempt.id)).length > 20;
    });
    await installation.whileAway('nats-server', async () => {
      await rm(join(installation.dataDir, 'nats'), { recursive: true });
      await sleep(500); // jobs print on, and nobody takes their lines
    });
    await installation.api.runOf('faults', sha, ['SUCCEEDED']);
    await expectInvariants(installation, { pushes, counting });
  });
});
