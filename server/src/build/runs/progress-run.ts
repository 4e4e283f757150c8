import { deploys } from '@slipway/protocol';
import type { Tx } from '../../platform/database.js';
import { JOB_COLUMNS, type JobRow, moveJob } from '../jobs/job-rows.js';
import { type Barred, barredFromDeploying } from './barred-deploys.js';
import { planRun } from './plan-run.js';
import type { DeployGate, NewRun } from './ports.js';
import { isRunOver, type RunState, rollUpRunState } from './run-state.js';

/**
 * Moves everything that can move in a run after one of its jobs did, and rolls up its state. Repeating it changes nothing. The caller has locked the
 * row of the run (lockJob does).
 */
export async function progressRun(tx: Tx, runId: string, gate: DeployGate): Promise<RunState> {
  let jobs = await currentJobs(tx, runId);
  for (;;) {
    const plan = planRun(jobs);
    let moved = false;
    for (const { id, because } of plan.skip) {
      moved = true;
      await moveJob(tx, jobOf(jobs, id), 'skip', { reason: 'needs_failed', message: `Not started, because "${because}" did not succeed.` });
    }
    for (const id of plan.ready) moved = (await start(tx, jobOf(jobs, id), gate)) || moved;
    if (!moved) break;
    jobs = await currentJobs(tx, runId);
  }
  return rollUp(tx, runId, jobs);
}

/** @returns whether the job moved */
async function start(tx: Tx, job: JobRow, gate: DeployGate): Promise<boolean> {
  if (!deploys(job)) {
    await moveJob(tx, job, 'unblock');
    return true;
  }
  const barred = await barredIn(tx, job.runId);
  if (barred) {
    await moveJob(tx, job, 'skip', barred);
    return true;
  }
  const answer = await gate.ready(tx, {
    id: job.id,
    runId: job.runId,
    projectId: job.projectId,
    spec: job.spec,
    environmentId: job.environmentId,
  });
  if (answer.go === 'fail') {
    await moveJob(tx, job, 'fail', answer);
    return true;
  }
  if (answer.go === 'wait') {
    await tx.query('update jobs set environment_id = $2, reason = $3, message = $4 where id = $1', [
      job.id,
      answer.environmentId,
      answer.reason,
      answer.message,
    ]);
    tx.changed('job', job.id);
    return false;
  }
  await tx.query('update jobs set environment_id = $2, pinned_agent_id = $3 where id = $1', [job.id, answer.environmentId, answer.agentId]);
  await moveJob(tx, job, 'unblock');
  return true;
}

/** Jobs that are made anew by a retry come by here too. */
async function barredIn(tx: Tx, runId: string): Promise<Barred | null> {
  const [run] = await tx.query<Pick<NewRun, 'trusted' | 'trigger'>>('select trusted, trigger from runs where id = $1', [runId]);
  return run ? barredFromDeploying(run) : null;
}

async function rollUp(tx: Tx, runId: string, jobs: JobRow[]): Promise<RunState> {
  const state = rollUpRunState(jobs.map((job) => job.state));
  const [run] = await tx.query<{ project_id: string; before: RunState }>(
    `update runs r set state = $2,
       started_at = coalesce(r.started_at, case when $2 <> 'pending' then clock_timestamp() end),
       finished_at = case when $3 then coalesce(r.finished_at, clock_timestamp()) end
     from (select id, state as before from runs where id = $1) old
     where r.id = old.id returning r.project_id, old.before`,
    [runId, state, isRunOver(state)],
  );
  if (run && run.before !== state) await recordRunMove(tx, runId, run.before, state);
  tx.changed('run', runId);
  if (run) tx.changed('project', run.project_id);
  return state;
}

async function recordRunMove(tx: Tx, runId: string, from: RunState, to: RunState): Promise<void> {
  await tx.query(`insert into history (thing, thing_id, event, from_state, to_state) values ('run', $1, 'rolled_up', $2, $3)`, [
    runId,
    from,
    to,
  ]);
}

export function currentJobs(tx: Tx, runId: string): Promise<JobRow[]> {
  return tx.query<JobRow>(`select ${JOB_COLUMNS} from jobs where run_id = $1 and is_current order by position`, [runId]);
}

function jobOf(jobs: JobRow[], id: string): JobRow {
  const job = jobs.find((candidate) => candidate.id === id);
  if (!job) throw new Error(`The plan names a job ${id} that is not in the run.`);
  return job;
}
