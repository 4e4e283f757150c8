import { deploys } from '@slipway/protocol';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { jsonb } from '../../platform/storable.js';
import { FILTERED } from '../pipelines/decide-run.js';
import type { DeployGate } from '../runs/ports.js';
import { currentJobs, progressRun } from '../runs/progress-run.js';
import { type JobRow, lockJob } from './job-rows.js';
import { isTerminal } from './job-state.js';

/**
 * Retries a finished job: a new row that names the old one. Jobs that were skipped or cancelled after it are created again too, and the run is
 * open again. Jobs that succeeded stay as they are. `userId` is the person who requested the new jobs, whoever started the run.
 *
 * @returns id of the new job
 */
export function retryJob(deps: { database: Database; gate: DeployGate }, jobId: string, userId: string): Promise<string> {
  return deps.database.transaction((tx) => retryJobIn(tx, deps.gate, jobId, userId));
}

export async function retryJobIn(tx: Tx, gate: DeployGate, jobId: string, userId: string): Promise<string> {
  const job = await lockJob(tx, jobId);
  if (!job) throw notFound('job', jobId);
  if (!job.isCurrent)
    throw new DomainError(
      'conflict',
      'job_retried_already',
      'This job was retried already. Look at the newest job of this name in the run.',
    );
  if (!isTerminal(job.state))
    throw new DomainError('conflict', 'job_not_over', `This job is ${job.state}; only a job that is over can be retried. Cancel it first.`);
  const again = [job, ...dependentsToRemake(job, await currentJobs(tx, job.runId))];
  const ids = await Promise.all(again.map((each) => remake(tx, each, userId)));
  const id = ids[0] as string;
  if (deploys(job)) await gate.checkRetry(tx, { ...job, id });
  await progressRun(tx, job.runId, gate);
  return id;
}

function dependentsToRemake(job: JobRow, jobs: readonly JobRow[]): JobRow[] {
  const names = new Set([job.name]);
  const found: JobRow[] = [];
  for (let grew = true; grew; ) {
    grew = false;
    for (const candidate of jobs) {
      if (names.has(candidate.name) || !candidate.needs.some((need) => names.has(need))) continue;
      if (candidate.state !== 'skipped' && candidate.state !== 'cancelled') continue;
      // The event that started the run still does not need it.
      if (candidate.reason === FILTERED) continue;
      names.add(candidate.name);
      found.push(candidate);
      grew = true;
    }
  }
  return found;
}

async function remake(tx: Tx, job: JobRow, userId: string): Promise<string> {
  const id = newId();
  await tx.query('update jobs set is_current = false where id = $1', [job.id]);
  await tx.query(
    `insert into jobs (id, run_id, project_id, position, name, kind, needs, spec, state, retry_of, retried_by, priority, tags, timeout_ms, environment_id, trusted)
     select $2, run_id, project_id, position, name, kind, needs, spec, 'waiting', id, $3, priority, tags, timeout_ms, environment_id, trusted from jobs where id = $1`,
    [job.id, id, userId],
  );
  await tx.query(
    `insert into history (thing, thing_id, event, to_state, by_user, details) values ('job', $1, 'retried', 'waiting', $2, $3)`,
    [id, userId, jsonb({ retryOf: job.id })],
  );
  tx.changed('job', job.id);
  return id;
}
