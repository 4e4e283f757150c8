import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Counting, countedLines, countingFiles } from '../counting.js';
import { eventually } from '../eventually.js';
import { Installation } from '../installation.js';
import { expectInvariants } from '../invariants.js';
import { isRunning, jobProcesses } from '../processes.js';
import { WorkingCopy } from '../working-copy.js';

/** How long an agent may be silent until its work is given away. */
const LEASE_MS = 15_000;
/** From the end of an agent until its work runs again: 0.6 to 0.9 s on 2 cores, most of it the start of the next process. */
const AGAIN_MS = 5_000;
/** An attempt that is younger may be one whose acceptance is on its way, so it was once spared at a restart. */
const YOUNG_MS = 3_000;

/** An agent in the middle of a build goes away; the build is tried again, and what the first try still does counts for nothing. */
describe('an agent is lost', () => {
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
  const linesOf = async (attemptId: string): Promise<string[]> => countedLines(await installation.api.logText(attemptId));
  /** @returns the first attempt at a job, once so many lines of it can be read */
  const attemptWithLines = async (sha: string, name: string, lines: number): Promise<string> => {
    const job = await installation.api.jobOf('faults', sha, name, ['RUNNING']);
    return eventually(`${lines} lines of ${name}`, 20_000, async () => {
      const attempt = (await installation.api.job(job.id)).attempts.find(({ state }) => state === 'running');
      return attempt && (await linesOf(attempt.id)).length >= lines ? attempt.id : null;
    });
  };

  /** Milliseconds of this machine's clock at which the attempts at a job were accepted, oldest first. */
  const acceptances = async (sha: string, name: string): Promise<number[]> => {
    const { id } = await installation.api.jobOf('faults', sha, name, ['QUEUED', 'ASSIGNED', 'RUNNING']);
    const rows = await installation.sql<{ at: number }>(
      `select (extract(epoch from accepted_at) * 1000)::float8 as at from attempts where job_id = $1 and accepted_at is not null order by number`,
      [id],
    );
    return rows.map(({ at }) => at);
  };
  /** @returns how long after the kill another attempt was accepted */
  const runningAgainMs = async (sha: string, name: string, killedAt: number): Promise<number> => {
    const again = await eventually(`${name} to run again`, LEASE_MS, async () => (await acceptances(sha, name))[1]);
    return again - killedAt;
  };

  it('fault 7: killed in a build: the build is done again, and nothing of the first try goes on', async () => {
    const counting = { killed: { lines: 250, everySeconds: 0.02 } };
    const sha = await push('Built twice', counting);
    const first = await attemptWithLines(sha, 'killed', 200);
    const seen = await linesOf(first);
    const processes = jobProcesses(installation.dataDir);
    expect(processes.length, 'processes of the job').toBeGreaterThan(0);
    const killedAt = Date.now();
    await installation.kill('agent');
    await eventually('the end of all that the job had started', 2_000, async () => !processes.some(isRunning));
    expect(await runningAgainMs(sha, 'killed', killedAt), 'ms until it runs again').toBeLessThan(AGAIN_MS);
    await installation.api.runOf('faults', sha, ['SUCCEEDED']);
    expect((await linesOf(first)).slice(0, seen.length), 'what was shown of the first try').toEqual(seen);
    await expectInvariants(installation, { pushes, counting, mayLose: 1 });
  });

  it('fault 7: killed when it has just taken a build: that runs again as soon as the agent is back, not a lease later', async () => {
    const counting = { young: { lines: 100, everySeconds: 0.02 } };
    const sha = await push('Taken and lost', counting);
    await installation.api.jobOf('faults', sha, 'young', ['RUNNING']);
    const killedAt = Date.now();
    await installation.kill('agent');
    const [taken] = await acceptances(sha, 'young');
    expect(killedAt - (taken ?? 0), 'age of the attempt').toBeLessThan(YOUNG_MS);
    expect(await runningAgainMs(sha, 'young', killedAt), 'ms until it runs again').toBeLessThan(AGAIN_MS);
    await installation.api.runOf('faults', sha, ['SUCCEEDED']);
    await expectInvariants(installation, { pushes, counting, mayLose: 2 });
  });

  it('fault 8: suspended past its lease, then awake again: it finds its work given away, and drops it', async () => {
    const counting = { long: { lines: 450, everySeconds: 0.05 }, short: { lines: 80, everySeconds: 0.05 } };
    const sha = await push('Slept over', counting);
    await Promise.all(['long', 'short'].map((name) => attemptWithLines(sha, name, 20)));
    await installation.signal('agent', 'SIGSTOP');
    await eventually('the jobs to be queued again', LEASE_MS + 5_000, async () => {
      const [run] = await installation.api.runs('faults');
      return run?.jobs.every(({ state }) => state === 'QUEUED');
    });
    await sleep(1_000);
    await installation.signal('agent', 'SIGCONT');
    await installation.api.runOf('faults', sha, ['SUCCEEDED']);
    await expectInvariants(installation, { pushes, counting, mayLose: 2 + 2 });
  });
});
