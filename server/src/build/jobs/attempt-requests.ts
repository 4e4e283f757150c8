import { z } from 'zod';
import type { Database, Tx } from '../../platform/database.js';
import { type DeadLetter, noteFailure, setAside, Tries, type Verdict } from '../../platform/dead-letters.js';
import { DomainError } from '../../platform/errors.js';
import { faultOf } from '../../platform/faults.js';
import type { Logger } from '../../platform/log.js';
import type { DeployGate } from '../runs/ports.js';
import { endAttempt, type Refused } from './end-attempt.js';
import { type JobRow, lockJob, moveJob } from './job-rows.js';
import { canMove } from './job-state.js';

export type AttemptRequestsDeps = { database: Database; gate: DeployGate; log: Pick<Logger, 'warn' | 'error'> };

const About = z.object({ attempt: z.uuid() });

const REASONS: Record<'accept' | 'report', Refused> = {
  accept: {
    kind: 'refused',
    reason: 'work_refused',
    message:
      'Slipway could not prepare the work of this job, and set the job aside. An administrator finds the error under "Set aside". Retry the job once it is fixed.',
  },
  report: {
    kind: 'refused',
    reason: 'report_refused',
    message:
      'Slipway could not store what the agent reported about this job, and ended it. An administrator finds the error under "Set aside". Retry the job once it is fixed.',
  },
};

/**
 * Requests about an attempt. If one can't be processed, now or ever, the attempt ends; otherwise the agent would repeat it for ever and keep its
 * slot.
 */
export class AttemptRequests {
  private readonly tries = new Tries();

  constructor(private readonly deps: AttemptRequestsDeps) {}

  async take<T>(verb: 'accept' | 'report', agentId: string, payload: unknown, answer: () => Promise<T>): Promise<T> {
    const about = About.safeParse(payload);
    const jobId = about.success ? await this.jobOf(about.data.attempt, agentId) : null;
    const name = `${verb}:${jobId}`;
    try {
      const answered = await answer();
      this.tries.done(name);
      return answered;
    } catch (error) {
      if (!about.success || jobId === null || isForAgent(error)) throw error;
      const verdict = this.tries.failed(name, error);
      if (!verdict.isOver) throw error;
      const end = endOf(verb, error);
      await this.refuse(verb, { agentId, attempt: about.data.attempt, jobId }, end, verdict, error);
      throw new DomainError('conflict', end.reason, end.message);
    }
  }

  private async jobOf(attempt: string, agentId: string): Promise<string | null> {
    const [row] = await this.deps.database.query<{ id: string }>(
      `select job_id as id from attempts where id = $1 and agent_id = $2 and state <> 'ended'`,
      [attempt, agentId],
    );
    return row?.id ?? null;
  }

  private async refuse(verb: 'accept' | 'report', of: Attempt, end: Refused, verdict: Verdict, error: unknown): Promise<void> {
    try {
      await this.end(verb, of, verdict, error, (tx, job) => endAttempt(tx, this.deps.gate, job, of.attempt, end, null));
    } catch (again) {
      if (faultOf(again) === 'passing') throw again;
      // If what follows from the end can't be processed either, nothing follows, but at least the slot is free.
      await this.end(verb, of, verdict, error, (tx, job) => endAlone(tx, job, of, end));
    }
  }

  private async end(
    verb: 'accept' | 'report',
    { jobId }: Attempt,
    verdict: Verdict,
    error: unknown,
    how: (tx: Tx, job: JobRow) => Promise<void>,
  ): Promise<void> {
    await this.deps.database.transaction(async (tx) => {
      const job = await lockJob(tx, jobId);
      if (!job) return;
      await how(tx, job);
      const letter = letterOf(verb, job);
      noteFailure(this.deps.log, letter, verdict, error);
      await setAside(tx, letter, error, verdict.tries);
    });
  }
}

/** The author of the job can fix what is too large. */
function endOf(verb: 'accept' | 'report', error: unknown): Refused {
  const tooLarge = verb === 'accept' && error instanceof DomainError && error.kind === 'too_large';
  return tooLarge ? { kind: 'refused', reason: 'work_too_large', message: error.message } : REASONS[verb];
}

type Attempt = { agentId: string; attempt: string; jobId: string };

/** The answer is for an agent that is late or wrong; it has nothing to do with the attempt. */
const isForAgent = (error: unknown): boolean => error instanceof DomainError && error.kind === 'conflict';

async function endAlone(tx: Tx, job: JobRow, { agentId, attempt }: Attempt, end: Refused): Promise<void> {
  await tx.query(`update attempts set state = 'ended', ended_at = clock_timestamp() where id = $1`, [attempt]);
  const event = job.state === 'cancelling' ? 'confirm' : 'exhaust';
  if (canMove(job.state, event)) await moveJob(tx, job, event, end, { agentId });
  tx.changed('log', attempt);
  tx.changed('queue', 'slots');
}

function letterOf(verb: 'accept' | 'report', job: JobRow): DeadLetter {
  const what = verb === 'accept' ? 'Work' : 'A report';
  return { kind: 'job', key: job.id, about: `${what} of job "${job.name}"`, projectId: job.projectId, body: { jobId: job.id } };
}
