import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Counting, countedLines, countingFiles } from '../counting.js';
import { eventually } from '../eventually.js';
import { Installation } from '../installation.js';
import { expectInvariants } from '../invariants.js';
import { LiveLog } from '../live-log.js';
import { WorkingCopy } from '../working-copy.js';

const TAILED: Counting = { lines: 400, everySeconds: 0.02 };

/** The server is killed (-9) at its worst moments; the launcher starts it again. */
describe('the server is killed', () => {
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

  it('fault 1: between commit and publish: what was decided is told by the next one', async () => {
    // With NATS held up, decisions are committed and can't be published.
    await installation.signal('nats-server', 'SIGSTOP');
    const sha = await push('Decided, not told', { first: { lines: 20, everySeconds: 0.02 } });
    await eventually('the decision to be committed and unpublished', 10_000, async () => {
      const [row] = await installation.sql<{ jobs: number; outbox: number }>(
        `select (select count(*) from jobs where name = 'first')::int as jobs, (select count(*) from outbox)::int as outbox`,
      );
      return row && row.jobs === 1 && row.outbox > 0;
    });
    const killed = await installation.kill('server');
    await installation.signal('nats-server', 'SIGCONT');
    await installation.startedAgain(killed);
    await installation.api.runOf('faults', sha, ['SUCCEEDED']);
    await expectInvariants(installation, { pushes, counting: { first: { lines: 20, everySeconds: 0.02 } } });
  });

  it('fault 2: right after a success answer: all that was answered is still there', async () => {
    const sha = await push('Answered', { second: { lines: 20, everySeconds: 0.02 } });
    const killed = await installation.kill('server');
    await installation.startedAgain(killed);
    await installation.ready();
    await installation.api.runOf('faults', sha, ['SUCCEEDED']);

    const projectId = await installation.api.createProject('answered');
    await installation.killAndRecover('server');
    const { project } = await installation.api.query<{ project: { id: string } }>('{ project(name: "answered") { id } }');
    expect(project.id).toBe(projectId);

    const [repository] = await installation.sql<{ id: string }>(
      `select r.id from repositories r join projects p on p.id = r.project_id where p.name = 'faults'`,
    );
    const runId = await installation.api.trigger(repository?.id as string);
    await installation.killAndRecover('server');
    await eventually('the triggered run to succeed', 30_000, async () => (await installation.api.run(runId))?.state === 'SUCCEEDED');
    await expectInvariants(installation, { pushes, counting: { second: { lines: 20, everySeconds: 0.02 } } });
  });

  it('fault 18: while clients tail a log: the job goes on, and each of them gets every line once', async () => {
    const sha = await push('Tailed', { tailed: TAILED });
    const job = await installation.api.jobOf('faults', sha, 'tailed', ['RUNNING']);
    const { attempts } = await installation.api.job(job.id);
    const attemptId = attempts[0]?.id as string;
    const tails = Array.from({ length: 5 }, () => new LiveLog(installation.api, job.id, attemptId));
    await eventually('lines at every client', 10_000, async () => tails.every((tail) => countedLines(tail.lines.join('\n')).length > 20));
    const killed = await installation.kill('server');
    await installation.startedAgain(killed);
    await installation.api.runOf('faults', sha, ['SUCCEEDED']);
    await eventually('the end of every tail', 15_000, async () => tails.every((tail) => tail.isComplete));
    const whole = (await installation.api.logText(attemptId)).trimEnd().split('\n');
    for (const tail of tails) {
      expect(tail.resumed, 'cuts that a client saw').toBeGreaterThan(0);
      expect(tail.lines).toEqual(whole);
    }
    await expectInvariants(installation, { pushes, counting: { tailed: TAILED } });
  });
});
