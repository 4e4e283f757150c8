import { type JobKind } from '@slipway/protocol';
import type { Tx } from '../../platform/database.js';
import { jsonb } from '../../platform/storable.js';
import type { JobSpec } from '../pipelines/pipeline.js';
import { isTerminal, type JobEvent, type JobState, nextJobState } from './job-state.js';

/** A job as its use cases see it. */
export type JobRow = {
  id: string;
  runId: string;
  projectId: string;
  name: string;
  kind: JobKind;
  needs: string[];
  spec: JobSpec;
  state: JobState;
  environmentId: string | null;
  infraRetriesLeft: number;
  position: number;
  timeoutMs: number;
  isCurrent: boolean;
  pinnedAgentId: string | null;
  /** Why it waits or why it ended: a stable code. */
  reason: string | null;
};

export const JOB_COLUMNS = `id, run_id as "runId", project_id as "projectId", name, kind, needs, spec, state, environment_id as "environmentId",
  infra_retries_left as "infraRetriesLeft", position, timeout_ms as "timeoutMs", is_current as "isCurrent", pinned_agent_id as "pinnedAgentId", reason`;

/** Locks the run of a job first, always, so that two moves in one run never wait for each other crosswise. */
export async function lockJob(tx: Tx, jobId: string): Promise<JobRow | undefined> {
  await tx.query('select id from runs where id = (select run_id from jobs where id = $1) for update', [jobId]);
  const [job] = await tx.query<JobRow>(`select ${JOB_COLUMNS} from jobs where id = $1 for update`, [jobId]);
  return job;
}

export type Why = { reason: string | null; message: string | null };
export type MoveBy = { userId?: string | null; agentId?: string | null };

const NO_REASON: Why = { reason: null, message: null };

/**
 * One legal move: state, history, and word to whoever watches. Times follow from the state.
 * @throws IllegalJobMove
 */
export async function moveJob(tx: Tx, job: JobRow, event: JobEvent, why: Why = NO_REASON, by: MoveBy = {}): Promise<JobRow> {
  const state = nextJobState(job.state, event);
  await tx.query(
    `with moved as (
       update jobs set state = $2, reason = $3, message = $4,
         queued_at = case when $2 = 'queued' then clock_timestamp() else queued_at end,
         started_at = case when $2 = 'running' then clock_timestamp() else started_at end,
         finished_at = case when $5 then clock_timestamp() end
       where id = $1)
     insert into history (thing, thing_id, event, from_state, to_state, by_user, by_agent, details)
     values ('job', $1, $6, $7, $2, $8, $9, $10)`,
    [
      job.id,
      state,
      why.reason,
      why.message,
      isTerminal(state),
      event,
      job.state,
      by.userId ?? null,
      by.agentId ?? null,
      why.reason ? jsonb(why) : null,
    ],
  );
  tx.changed('job', job.id);
  if (state === 'queued') tx.changed('queue', 'jobs');
  return { ...job, state };
}
