import type { Strategy } from '../../build/pipelines/pipeline.js';
import type { Database } from '../../platform/database.js';
import { manyEach, oneEach } from '../../platform/graphql/batch.js';
import type { DeploymentKind } from './deployment.js';
import { HOLDING } from './deployment-rows.js';
import type { DeploymentState } from './deployment-state.js';
import { waysBack } from './rollback-target.js';
import type { Receipt } from './traffic-tally.js';

export type DeploymentView = {
  id: string;
  projectId: string;
  environmentId: string;
  releaseId: string;
  previousReleaseId: string | null;
  jobId: string | null;
  runId: string | null;
  kind: DeploymentKind;
  strategy: Strategy;
  state: DeploymentState;
  reason: string | null;
  message: string | null;
  receipt: Receipt | null;
  createdById: string | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
};

export type DeploymentEventView = { deploymentId: string; at: Date; event: string; state: DeploymentState | null; message: string | null };

const COLUMNS = `d.id, d.project_id as "projectId", d.environment_id as "environmentId", d.release_id as "releaseId", d.previous_release_id as "previousReleaseId",
  d.job_id as "jobId", (select run_id from jobs where id = d.job_id) as "runId", d.kind, d.strategy, d.state, d.reason, d.message, d.receipt,
  d.created_by as "createdById", d.created_at as "createdAt", d.started_at as "startedAt", d.finished_at as "finishedAt"`;

/** Read models of deployments; everything takes many ids, for one round trip a level. */
export class DeploymentQueries {
  constructor(private readonly database: Database) {}

  async byIds(ids: readonly string[]): Promise<(DeploymentView | null)[]> {
    const rows = await this.database.query<DeploymentView>(`select ${COLUMNS} from deployments d where d.id = any($1)`, [ids]);
    return oneEach(ids, rows, (row) => row.id);
  }

  async byId(id: string): Promise<DeploymentView | null> {
    return (await this.byIds([id]))[0] ?? null;
  }

  async ofJobs(jobIds: readonly string[]): Promise<(DeploymentView | null)[]> {
    const rows = await this.database.query<DeploymentView & { jobId: string }>(
      `select ${COLUMNS} from deployments d where d.job_id = any($1) order by d.id`,
      [jobIds],
    );
    return oneEach(jobIds, rows, (row) => row.jobId);
  }

  /** The deployments that direct runs (deployments and rollbacks) make; those of a pipeline belong to its jobs. */
  async ofDirectRuns(runIds: readonly string[]): Promise<(DeploymentView | null)[]> {
    const rows = await this.database.query<DeploymentView & { runId: string }>(
      `select distinct on (j.run_id) ${COLUMNS} from jobs j join runs r on r.id = j.run_id and r.trigger in ('deploy', 'rollback')
         join deployments d on d.job_id = j.id where j.run_id = any($1) order by j.run_id, d.id desc`,
      [runIds],
    );
    return oneEach(runIds, rows, (row) => row.runId);
  }

  /** The one that holds each environment, or else the one that waits first in line. */
  async active(environmentIds: readonly string[]): Promise<(DeploymentView | null)[]> {
    const rows = await this.database.query<DeploymentView>(
      `select distinct on (d.environment_id) ${COLUMNS} from deployments d where d.environment_id = any($1) and d.state in ('waiting', ${HOLDING})
       order by d.environment_id, d.state = 'waiting', d.kind = 'rollback' desc, d.id`,
      [environmentIds],
    );
    return oneEach(environmentIds, rows, (row) => row.environmentId);
  }

  /** The release that a rollback of each goes back to when none is named. */
  async waysBack(environmentIds: readonly string[]): Promise<(string | null)[]> {
    return (await waysBack(this.database, environmentIds)).map((before) => before?.releaseId ?? null);
  }

  /** Newest first, up to `first + 1` for each environment, after the deployment with the id `before`. */
  async ofEnvironments(environmentIds: readonly string[], first: number, before: string | null): Promise<DeploymentView[][]> {
    const rows = await this.database.query<DeploymentView>(
      `select p.* from unnest($1::uuid[]) as e(id) cross join lateral (
         select ${COLUMNS} from deployments d where d.environment_id = e.id and ($2::uuid is null or d.id < $2) order by d.id desc limit $3) p`,
      [environmentIds, before, first + 1],
    );
    return manyEach(environmentIds, rows, (row) => row.environmentId);
  }

  /** What happened to each, oldest first. */
  async events(deploymentIds: readonly string[]): Promise<DeploymentEventView[][]> {
    const rows = await this.database.query<DeploymentEventView>(
      `select thing_id as "deploymentId", at, event, to_state as state, details->>'message' as message from history
       where thing = 'deployment' and thing_id = any($1) order by id`,
      [deploymentIds],
    );
    return manyEach(deploymentIds, rows, (row) => row.deploymentId);
  }
}
