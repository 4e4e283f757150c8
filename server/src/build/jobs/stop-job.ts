import { deploys, subjects } from '@slipway/protocol';
import type { Tx } from '../../platform/database.js';
import type { DeployGate } from '../runs/ports.js';
import { type JobRow, type MoveBy, moveJob } from './job-rows.js';
import { canMove } from './job-state.js';

/**
 * Stops a job in any state. One that has not begun is cancelled at once; a running one goes through `cancelling` until its agent confirms; a
 * deployment is rolled back first. The caller has locked the job's run, and progresses it afterwards.
 *
 * @param reason `timeout`, or a sentence for people
 * @param code the kind of reason that the sentence gives
 */
export async function requestJobStop(
  tx: Tx,
  gate: DeployGate,
  job: JobRow,
  reason: string,
  by: MoveBy,
  code: 'cancelled' | 'superseded' = 'cancelled',
): Promise<JobRow> {
  if (!canMove(job.state, 'cancel')) return job;
  // It is already being rolled back: its agent is not stopped, but follows the deployment to its end.
  const goesBack = deploys(job) && (await gate.cancel(tx, job.id, reason)) === 'wait';
  const wasAssigned = job.state === 'assigned';
  const moved = await moveJob(
    tx,
    job,
    'cancel',
    { reason: reason === 'timeout' ? 'timeout' : code, message: reason === 'timeout' ? 'It ran over its time limit.' : reason },
    by,
  );
  if (wasAssigned) await withdrawOffer(tx, job.id);
  else if (moved.state === 'cancelling' && !goesBack) await tellAgent(tx, job.id, reason);
  return moved;
}

async function withdrawOffer(tx: Tx, jobId: string): Promise<void> {
  await tx.query(
    `update attempts set state = 'ended', ended_at = clock_timestamp(), outcome = '{"kind":"stopped","reason":"cancelled"}' where job_id = $1 and state = 'offered'`,
    [jobId],
  );
  tx.changed('queue', 'slots');
}

async function tellAgent(tx: Tx, jobId: string, reason: string): Promise<void> {
  const rows = await tx.query<{ id: string; agent_id: string }>(
    `update attempts set cancel_reason = $2 where job_id = $1 and state = 'running' returning id, agent_id`,
    [jobId, reason],
  );
  for (const { id, agent_id } of rows) tx.tell(subjects.control(agent_id), { kind: 'cancel', attempt: id, reason });
}
