import { lockJob, moveJob } from '../../build/jobs/job-rows.js';
import { isTerminal } from '../../build/jobs/job-state.js';
import type { DeployGate } from '../../build/runs/ports.js';
import { progressRun } from '../../build/runs/progress-run.js';
import type { Tx } from '../../platform/database.js';
import { LINE_ORDER } from './waiting-line.js';

/** What deployments need from runs. */
export interface DeployJobs {
  /** A deployment has ended, so the environment is free: the next waiting deploy job for it, oldest first, is asked through `ready` again. */
  resumeWaiting(tx: Tx, environmentId: string): Promise<void>;
  /** Ends a deploy job whose deployment is over but whose agent no longer holds an attempt. */
  endWithoutAttempt(tx: Tx, jobId: string): Promise<void>;
}

export function createDeployJobs(gate: () => DeployGate): DeployJobs {
  return {
    async resumeWaiting(tx, environmentId) {
      const waiting = await tx.query<{ run_id: string }>(
        `select j.run_id from deployments d join jobs j on j.id = d.job_id
         where d.environment_id = $1 and d.state = 'waiting' and j.state = 'waiting' and j.is_current order by ${LINE_ORDER} limit 1`,
        [environmentId],
      );
      for (const { run_id } of waiting) await lockAndProgress(tx, run_id, gate());
    },
    async endWithoutAttempt(tx, jobId) {
      const job = await lockJob(tx, jobId);
      if (!job || isTerminal(job.state) || (await hasAttempt(tx, jobId))) return;
      const verdict = await gate().verdict(tx, jobId);
      if (!verdict) return;
      await moveJob(tx, job, endEvent(job.state, verdict.state), verdict);
      await progressRun(tx, job.runId, gate());
    },
  };
}

/** A job that never ran and is not wanted any more was skipped or cancelled; it did not fail. */
function endEvent(state: string, verdict: 'succeeded' | 'failed' | 'cancelled') {
  if (verdict === 'succeeded') return 'pass';
  if (verdict === 'cancelled') return state === 'cancelling' ? 'confirm' : 'skip';
  return state === 'assigned' ? 'exhaust' : 'fail';
}

async function hasAttempt(tx: Tx, jobId: string): Promise<boolean> {
  return (await tx.query(`select 1 from attempts where job_id = $1 and state <> 'ended'`, [jobId])).length > 0;
}

async function lockAndProgress(tx: Tx, runId: string, gate: DeployGate): Promise<void> {
  await tx.query('select id from runs where id = $1 for update', [runId]);
  await progressRun(tx, runId, gate);
}
