import { deploys } from '@slipway/protocol';
import type { Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { jsonb } from '../../platform/storable.js';
import type { JobSkip } from '../pipelines/decide-run.js';
import type { CompiledPipeline, JobSpec } from '../pipelines/pipeline.js';
import { barredFromDeploying } from './barred-deploys.js';
import type { DeployGate, NewRun, StartRun } from './ports.js';
import { progressRun } from './progress-run.js';

/** Direct deployments and rollbacks come before pushes: somebody waits for them, perhaps at three in the morning. */
const PRIORITY = { push: 0, pull_request: 0, manual: 0, deploy: 5, rollback: 10 } as const;

/** See {@link StartRun}. */
export function createStartRun(gate: () => DeployGate): StartRun {
  return async (tx, run) => {
    const there = run.pushId ? await runOfPush(tx, run.pushId) : undefined;
    if (there) return there;
    const runId = newId();
    const number = await nextRunNumber(tx, run.repositoryId);
    await insertRun(tx, runId, number, run);
    tx.changed('run', runId);
    tx.changed('project', run.projectId);
    if (!run.pipeline) return { runId, number };
    await insertJobs(tx, runId, run.projectId, run.pipeline.jobs, PRIORITY[run.trigger]);
    const skips = run.skips ?? [];
    await skipJobs(tx, runId, [...skips, ...barredJobs(run, run.pipeline, skips)]);
    await run.beforeStart?.(tx, runId);
    await progressRun(tx, runId, gate());
    return { runId, number };
  };
}

/** Deploy jobs that the event needs and that must not run. */
function barredJobs(run: NewRun, { jobs }: CompiledPipeline, skips: readonly JobSkip[]): JobSkip[] {
  const barred = barredFromDeploying(run);
  if (!barred) return [];
  const skipped = new Set(skips.map((skip) => skip.name));
  return jobs.filter((job) => deploys(job) && !skipped.has(job.name)).map(({ name }) => ({ name, ...barred }));
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
    `insert into runs (id, project_id, repository_id, number, branch, commit_sha, trigger, triggered_by, push_id, state, pipeline, problems,
       ref, head_sha, pull_request_id, trusted, partial, finished_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, case when $10 = 'invalid' then clock_timestamp() end)`,
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
      run.pipeline ? jsonb(run.pipeline) : null,
      jsonb(run.problems),
      run.ref ?? `refs/heads/${run.branch}`,
      run.headSha ?? null,
      run.pullRequestId ?? null,
      run.trusted ?? true,
      run.partial ?? false,
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
    `insert into jobs (id, run_id, project_id, position, name, kind, needs, spec, state, priority, tags, timeout_ms, trusted)
     select (j->>'id')::uuid, $2, $3, (j->>'position')::int, j->'spec'->>'name', j->'spec'->>'kind',
       array(select jsonb_array_elements_text(j->'spec'->'needs')), j->'spec', 'waiting', $4,
       array(select jsonb_array_elements_text(j->'spec'->'tags')), (j->'spec'->>'timeoutMs')::int,
       (select trusted from runs where id = $2)
     from jsonb_array_elements($1::jsonb) j`,
    [jsonb(specs.map((spec, position) => ({ id: newId(), position, spec }))), runId, projectId, priority],
  );
}

async function skipJobs(tx: Tx, runId: string, skips: readonly JobSkip[]): Promise<void> {
  if (skips.length === 0) return;
  await tx.query(
    `update jobs set state = 'skipped', reason = s.reason, message = s.message, finished_at = clock_timestamp()
     from jsonb_to_recordset($2::jsonb) as s (name text, reason text, message text) where run_id = $1 and jobs.name = s.name`,
    [runId, jsonb(skips)],
  );
}
