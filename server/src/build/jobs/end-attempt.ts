import { deploys, type Outcome, sentences } from '@slipway/protocol';
import type { Tx } from '../../platform/database.js';
import { jsonb } from '../../platform/storable.js';
import type { DeployGate } from '../runs/ports.js';
import { progressRun } from '../runs/progress-run.js';
import { type JobRow, type MoveBy, moveJob, type Why } from './job-rows.js';
import { canMove, isTerminal, type JobEvent } from './job-state.js';

/** The end that the server records for an attempt without hearing from the agent. */
export type Lost = { kind: 'lost'; reason: 'agent_lost' | 'not_accepted'; message: string };
/** The server can't process what the agent reports, or can't give it the work; another try would end in the same way. */
export type Refused = { kind: 'refused'; reason: 'report_refused' | 'work_refused' | 'work_too_large'; message: string };
export type AttemptEnd = Outcome | Lost | Refused;

/**
 * Ends an attempt and moves its job on: it is over, or queued again if infrastructure is to blame and retries are left. The caller has locked the
 * job's run. An attempt that has already ended stays as it is.
 */
export async function endAttempt(
  tx: Tx,
  gate: DeployGate,
  job: JobRow,
  attemptId: string,
  end: AttemptEnd,
  log: { lastChunk: number } | null,
): Promise<void> {
  const [attempt] = await tx.query<{ agent_id: string; cancel_reason: string | null }>(
    `update attempts set state = 'ended', outcome = $2, last_chunk = $3, ended_at = clock_timestamp() where id = $1 and state <> 'ended'
     returning agent_id, cancel_reason`,
    [attemptId, jsonb(end), log?.lastChunk ?? null],
  );
  if (!attempt) return;
  tx.changed('log', attemptId);
  tx.changed('queue', 'slots');
  if (!isTerminal(job.state)) await moveOn(tx, gate, job, end, { agentId: attempt.agent_id, cancelReason: attempt.cancel_reason });
  tx.changed('agent', attempt.agent_id);
  await progressRun(tx, job.runId, gate);
}

async function moveOn(
  tx: Tx,
  gate: DeployGate,
  job: JobRow,
  end: AttemptEnd,
  of: { agentId: string; cancelReason: string | null },
): Promise<void> {
  const verdict = deploys(job) && job.state !== 'assigned' ? await gate.verdict(tx, job.id) : null;
  if (verdict) await moveJob(tx, job, verdictEvent(job, verdict.state), verdict, { agentId: of.agentId });
  else if (job.state === 'cancelling') await endCancelled(tx, job, end, of);
  // An agent doesn't decide that a deployment is over: without a verdict its attempt is made again, and looks at what runs.
  else if (deploys(job) && end.kind !== 'lost' && job.state !== 'assigned')
    await retryOrExhaust(
      tx,
      job,
      { kind: 'lost', reason: 'agent_lost', message: 'The agent stopped before the deployment was over.' },
      of.agentId,
    );
  else await moveByOutcome(tx, job, end, of.agentId);
}

function verdictEvent(job: JobRow, state: 'succeeded' | 'failed' | 'cancelled'): JobEvent {
  if (state === 'succeeded') return 'pass';
  if (state === 'failed') return 'fail';
  return job.state === 'cancelling' ? 'confirm' : 'skip';
}

/** Work that finished before the cancel reached it keeps its result. */
async function endCancelled(tx: Tx, job: JobRow, end: AttemptEnd, of: { agentId: string; cancelReason: string | null }): Promise<void> {
  const by: MoveBy = { agentId: of.agentId };
  if (end.kind === 'passed') await moveJob(tx, job, 'pass', undefined, by);
  else if (of.cancelReason === 'timeout') await moveJob(tx, job, 'expire', timedOut(job), by);
  else await moveJob(tx, job, 'confirm', { reason: job.reason ?? 'cancelled', message: of.cancelReason ?? 'Cancelled.' }, by);
}

async function moveByOutcome(tx: Tx, job: JobRow, end: AttemptEnd, agentId: string): Promise<void> {
  const by: MoveBy = { agentId };
  switch (end.kind) {
    case 'passed':
      await moveJob(tx, job, 'pass', undefined, by);
      break;
    case 'failed':
      await moveJob(tx, job, 'fail', { reason: end.reason, message: end.message }, by);
      break;
    case 'timed_out':
      await moveJob(tx, job, 'expire', timedOut(job), by);
      break;
    case 'refused':
      await moveJob(tx, job, 'exhaust', end, by);
      break;
    case 'lost':
    case 'error':
      await retryOrExhaust(tx, job, end, agentId);
      break;
    case 'stopped':
      await retryOrExhaust(tx, job, { ...end, message: 'The agent was stopped before the job was over.' }, agentId);
      break;
  }
}

const timedOut = (job: JobRow): Why => ({
  reason: 'timeout',
  message: `Stopped after ${Math.round(job.timeoutMs / 1000)} s, the job's time limit. Raise "timeout-minutes" in the pipeline if it needs longer.`,
});

/** A deploy job is taken up again as often as it takes: it applies a generation, which may be repeated, and its deployment has a deadline of its own. */
async function retryOrExhaust(tx: Tx, job: JobRow, why: { kind: string; reason: string; message: string }, agentId: string): Promise<void> {
  if (job.state === 'assigned' && why.reason === 'not_accepted') {
    await tx.query('update jobs set lost_by = array_append(array_remove(lost_by, $2::uuid), $2::uuid) where id = $1', [job.id, agentId]);
    await moveJob(tx, job, 'decline', undefined, { agentId });
    return;
  }
  const mayRetry = deploys(job) || job.infraRetriesLeft > 0;
  await tx.query(
    'update jobs set infra_retries_left = greatest(0, infra_retries_left - 1), lost_by = array_append(array_remove(lost_by, $2::uuid), $2::uuid) where id = $1',
    [job.id, agentId],
  );
  const event: JobEvent = mayRetry ? 'retry' : 'exhaust';
  if (!canMove(job.state, event)) return;
  const message = mayRetry
    ? sentences(why.message, 'Queued again.')
    : sentences(why.message, 'It has no tries left. Retry the job once the agents work again.');
  await moveJob(tx, job, event, { reason: why.reason, message }, { agentId });
}
