import type { Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import type { JobSpec } from '../pipelines/pipeline.js';
import type { DeployGate, NewRun, StartRun } from './ports.js';
import { progressRun } from './progress-run.js';

/** Direct deployments and rollbacks go before pushes: somebody waits for them, perhaps at three in the morning. */
const PRIORITY = { push: 0, manual: 0, deploy: 5, rollback: 10 } as const;

/** See {@link StartRun}. */
export function createStartRun(gate: () => DeployGate): StartRun {
  return async (tx, run) => {
    const there = run.pushId ? await runOfPush(tx, run.pushId) : undefined;
    if (there) return there;
    const runId = newId();
    const number = await nextRunNumber(tx, run.repositoryId);
    await insertRun(tx, runId, number, run);
    tx.changed('project', run.projectId);
    if (!run.pipeline) return { runId, number };
    await insertJobs(tx, runId, run.projectId, run.pipeline.jobs, PRIORITY[run.trigger]);
    await run.beforeStart?.(tx, runId);
    await progressRun(tx, runId, gate());
    return { runId, number };
  };
}

async function runOfPush(tx: Tx, pushId: string): Promise<{ runId: string; number: number } | undefined> {
  const [run] = await tx.query<{ runId: string; number: number }>('select id as "runId", number from runs where push_id = $1', [pushId]);
  return run;
}

async function nextRunNumber(tx: Tx, repositoryId: string): Promise<number> {
  const [row] = await tx.query<{ number: number }>(
    'update repositories set next_run_number = next_run_number + 1 where id = $1 returning next_run_number - 1 as number',
    [repositoryId],
  );
  if (!row) throw new Error(`Repository ${repositoryId} is gone.`);
  return row.number;
}

async function insertRun(tx: Tx, runId: string, number: number, run: NewRun): Promise<void> {
  const state = run.pipeline ? 'pending' : 'invalid';
  await tx.query(
    `insert into runs (id, project_id, repository_id, number, branch, commit_sha, trigger, triggered_by, push_id, state, pipeline, problems, finished_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, case when $10 = 'invalid' then clock_timestamp() end)`,
    [
      runId,
      run.projectId,
      run.repositoryId,
      number,
      run.branch,
      run.commitSha,
      run.trigger,
      run.triggeredBy,
      run.pushId,
      state,
      run.pipeline ? JSON.stringify(run.pipeline) : null,
      JSON.stringify(run.problems),
    ],
  );
  await tx.query(`insert into history (thing, thing_id, event, to_state, by_user) values ('run', $1, 'started', $2, $3)`, [
    runId,
    state,
    run.triggeredBy,
  ]);
}

/** One statement for all jobs of a run, hundreds of them too. */
export async function insertJobs(tx: Tx, runId: string, projectId: string, specs: readonly JobSpec[], priority: number): Promise<void> {
  await tx.query(
    `insert into jobs (id, run_id, project_id, position, name, kind, needs, spec, state, priority, tags, timeout_ms)
     select (j->>'id')::uuid, $2, $3, (j->>'position')::int, j->'spec'->>'name', j->'spec'->>'kind',
       array(select jsonb_array_elements_text(j->'spec'->'needs')), j->'spec', 'waiting', $4,
       array(select jsonb_array_elements_text(j->'spec'->'tags')), (j->'spec'->>'timeoutMs')::int
     from jsonb_array_elements($1::jsonb) j`,
    [JSON.stringify(specs.map((spec, position) => ({ id: newId(), position, spec }))), runId, projectId, priority],
  );
}
