import type { Strategy } from '../../build/pipelines/pipeline.js';
import type { Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { jsonb } from '../../platform/storable.js';
import { type EnvironmentRow, type SecretRef } from '../environments/environment.js';
import { environmentChanged } from '../environments/environment-rows.js';
import type { Configuration, DeploymentKind, DeploymentRow, StoredRollout } from './deployment.js';
import { type DeploymentMove, HOLDING_STATES, isDeploymentOver, nextDeploymentState } from './deployment-state.js';
import { receiptOf } from './traffic-tally.js';

export const DEPLOYMENT_COLUMNS = `d.id, d.project_id as "projectId", d.environment_id as "environmentId", d.release_id as "releaseId", d.job_id as "jobId",
  d.strategy, d.kind, d.state, d.reason, d.message, d.configuration, d.created_by as "createdBy", d.rollout`;

/** States in which a deployment has its environment for itself, as a list in SQL. */
export const HOLDING = HOLDING_STATES.map((state) => `'${state}'`).join(', ');

const NO_SECRETS: SecretRef[] = [];
export const NO_CONFIGURATION: Configuration = { variables: {}, secrets: NO_SECRETS };

/** A job has one deployment: a retry is a job of its own. */
export async function deploymentOfJob(tx: Pick<Tx, 'query'>, jobId: string): Promise<DeploymentRow | undefined> {
  return (
    await tx.query<DeploymentRow>(`select ${DEPLOYMENT_COLUMNS} from deployments d where job_id = $1 order by id desc limit 1`, [jobId])
  )[0];
}

export async function deploymentById(tx: Pick<Tx, 'query'>, id: string): Promise<DeploymentRow | undefined> {
  return (await tx.query<DeploymentRow>(`select ${DEPLOYMENT_COLUMNS} from deployments d where id = $1`, [id]))[0];
}

/** The deployment that has the environment for itself. Stable while the environment is locked. */
export async function holderOf(tx: Tx, environmentId: string): Promise<DeploymentRow | undefined> {
  return (
    await tx.query<DeploymentRow>(`select ${DEPLOYMENT_COLUMNS} from deployments d where environment_id = $1 and state in (${HOLDING})`, [
      environmentId,
    ])
  )[0];
}

export type NewDeployment = {
  projectId: string;
  environmentId: string;
  releaseId: string;
  jobId: string;
  strategy: Strategy;
  kind: DeploymentKind;
  /** Of a rollback: what it brings back. A deploy takes its configuration when it gets hold of the environment. */
  configuration: Configuration;
  createdBy: string | null;
};

export async function insertDeployment(tx: Tx, deployment: NewDeployment): Promise<DeploymentRow> {
  const id = newId();
  const { projectId, environmentId, releaseId, jobId, strategy, kind, configuration, createdBy } = deployment;
  await tx.query(
    `insert into deployments (id, project_id, environment_id, release_id, job_id, strategy, kind, state, configuration, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9)`,
    [id, projectId, environmentId, releaseId, jobId, strategy, kind, jsonb(configuration), createdBy],
  );
  await record(tx, id, 'made', { from: null, to: 'waiting', by: createdBy, why: { reason: null, message: null } });
  tx.changed('deployment', id);
  tx.changed('job', jobId);
  environmentChanged(tx, { id: environmentId, projectId });
  return {
    id,
    projectId,
    environmentId,
    releaseId,
    jobId,
    strategy,
    kind,
    state: 'waiting',
    reason: null,
    message: null,
    configuration,
    createdBy,
    rollout: null,
  };
}

export type DeploymentChange = {
  reason: string | null;
  message: string;
  /** For the history, instead of the whole message. */
  news?: string | undefined;
  /** Of the state after the move, milliseconds; null: none. */
  deadlineMs: number | null;
  rollout?: StoredRollout | undefined;
  generation?: number | undefined;
  by?: string | null;
};

/**
 * One legal move (null: the state stays), with history and word to whoever watches. The environment is locked by the caller.
 * @throws IllegalDeploymentMove
 */
export async function moveDeployment(
  tx: Tx,
  deployment: DeploymentRow,
  move: DeploymentMove | null,
  change: DeploymentChange,
): Promise<DeploymentRow> {
  const state = move ? nextDeploymentState(deployment.state, move) : deployment.state;
  const next: DeploymentRow = {
    ...deployment,
    state,
    reason: change.reason,
    message: change.message,
    rollout: change.rollout ?? deployment.rollout,
  };
  const over = isDeploymentOver(state);
  const [moved] = await tx.query<{ runId: string | null }>(
    `update deployments set state = $2, reason = $3, message = $4, rollout = $5, generation = coalesce($6, generation), receipt = coalesce($7, receipt),
       deadline = clock_timestamp() + make_interval(secs => $8::float8 / 1000),
       started_at = coalesce(started_at, case when $5::jsonb is not null then clock_timestamp() end),
       finished_at = case when $9 then clock_timestamp() end
     where id = $1 returning (select run_id from jobs where id = job_id) as "runId"`,
    [
      deployment.id,
      state,
      change.reason,
      change.message,
      next.rollout && jsonb(next.rollout),
      change.generation ?? null,
      over && next.rollout?.tally ? jsonb(receiptOf(next.rollout.tally)) : null,
      over ? null : change.deadlineMs,
      over,
    ],
  );
  const why = { reason: change.reason, message: change.news ?? change.message };
  await record(tx, deployment.id, move ?? 'step', { from: deployment.state, to: state, by: change.by ?? null, why });
  tx.changed('deployment', deployment.id);
  if (deployment.jobId) tx.changed('job', deployment.jobId);
  // A run shows how far its deployments are, and no job of it moves meanwhile.
  if (moved?.runId) tx.changed('run', moved.runId);
  environmentChanged(tx, { id: deployment.environmentId, projectId: deployment.projectId });
  return next;
}

type Noted = { from: string | null; to: string; by: string | null; why: { reason: string | null; message: string | null } };

async function record(tx: Tx, id: string, event: string, { from, to, by, why }: Noted): Promise<void> {
  await tx.query(
    `insert into history (thing, thing_id, event, from_state, to_state, by_user, details) values ('deployment', $1, $2, $3, $4, $5, $6)`,
    [id, event, from, to, by, jsonb(why)],
  );
}

/** The configuration that a deployment to this environment gets now, and the secrets that it names but nobody has set. */
export function configurationNow(
  environment: EnvironmentRow,
  refs: readonly SecretRef[],
  names: readonly string[],
): { configuration: Configuration; missing: string[] } {
  const secrets = refs.filter((ref) => names.includes(ref.name));
  const missing = names.filter((name) => !secrets.some((ref) => ref.name === name));
  return { configuration: { variables: environment.variables, secrets }, missing };
}
