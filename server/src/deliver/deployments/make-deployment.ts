import type { DeploySpec } from '../../build/pipelines/pipeline.js';
import type { DeployJob } from '../../build/runs/ports.js';
import { userMay } from '../../people/access/user-may.js';
import type { Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { ensureEnvironment, findEnvironment } from '../environments/create-environment.js';
import type { PortRange } from '../environments/place-environment.js';
import { releaseOfRun } from '../releases/make-release.js';
import { deletedEnvironmentRefusal } from './deleted-environment.js';
import type { DeploymentKind, DeploymentRow, Refusal } from './deployment.js';
import { DEPLOYMENT_COLUMNS, insertDeployment, NO_CONFIGURATION } from './deployment-rows.js';
import { deployRefusal } from './may-deploy.js';
import { overtakenRefusal } from './overtaken.js';

type Failure = Refusal & { go: 'fail' };

/** What a deploy job should deploy; `before`: what the job that it retries deployed. */
type Aim = { releaseId: string; kind: DeploymentKind; environmentId: string | null; before: DeploymentRow | undefined };

/**
 * The deployment of a deploy job whose run has just got that far. A job that tries another again repeats what that one
 * was for, with a fresh artifact where its run made one.
 */
export async function makeDeployment(tx: Tx, job: DeployJob, ports: PortRange): Promise<DeploymentRow | Failure> {
  const spec = job.spec.deploy;
  if (!spec) throw new Error(`Job ${job.id} is of kind deploy but does not say what to deploy.`);
  const deleted = await deletedEnvironmentRefusal(tx, job);
  if (deleted) return { go: 'fail', ...deleted };
  const aim = await aimOf(tx, job, spec);
  if (!aim) return artifactMissing(spec);
  const { releaseId, kind, before } = aim;
  const by = await whoAsked(tx, job.id);
  const wanted = { projectId: job.projectId, environment: spec.environment, releaseId, kind, by };
  // The release exists anyway, so somebody who may deploy can deploy it.
  const refusal = (await deployRefusal(tx, wanted)) ?? (await overtaken(tx, job.id, aim));
  if (refusal) return { go: 'fail', ...refusal };
  const environment = before ? { id: before.environmentId } : await ensureEnvironment(tx, job.projectId, spec.environment, ports);
  return insertDeployment(tx, {
    projectId: job.projectId,
    environmentId: environment.id,
    releaseId,
    jobId: job.id,
    strategy: spec.strategy,
    kind,
    configuration: before?.kind === 'rollback' ? before.configuration : NO_CONFIGURATION,
    createdBy: by,
  });
}

/** @throws DomainError when a deploy job that tries another again has no chance: rights are those of who wants it tried, as they are now */
export async function checkRetry(tx: Tx, job: DeployJob): Promise<void> {
  const by = await whoAsked(tx, job.id);
  if (by === null || !(await userMay(tx, by, 'deployment.create', job.projectId))) throw mayNotRetry();
  const deleted = await deletedEnvironmentRefusal(tx, job);
  if (deleted) throw new DomainError('conflict', deleted.reason, deleted.message);
  const aim = job.spec.deploy && (await aimOf(tx, job, job.spec.deploy));
  const refusal = aim && (await overtaken(tx, job.id, aim));
  if (refusal) throw new DomainError('conflict', 'deployment_overtaken', refusal.message);
}

async function aimOf(tx: Tx, job: DeployJob, spec: DeploySpec): Promise<Aim | null> {
  const before = await triedBefore(tx, job.id);
  const releaseId = (await releaseOfRun(tx, job.runId, spec.app))?.id ?? before?.releaseId;
  if (!releaseId) return null;
  const environmentId = before?.environmentId ?? (await findEnvironment(tx, job.projectId, spec.environment))?.id ?? null;
  return { releaseId, kind: before?.kind ?? 'deploy', environmentId, before };
}

const artifactMissing = ({ app }: DeploySpec): Failure => ({
  go: 'fail',
  reason: 'artifact_missing',
  message: `There is no artifact "${app.artifact}" in this run, or it was deleted. A job that the deploy job needs has to make it; then retry that job.`,
});

const mayNotRetry = () =>
  new DomainError(
    'forbidden',
    'forbidden',
    'This job deploys, and your role in this project does not allow deployment.create. Ask a deployer to retry it, or an administrator of the project for the role of deployer.',
  );

const overtaken = (tx: Tx, jobId: string, { releaseId, environmentId }: Aim): Promise<Refusal | null> =>
  environmentId === null ? Promise.resolve(null) : overtakenRefusal(tx, { jobId, releaseId, environmentId });

/** The newest deployment of the jobs that this one tries again, in an environment that is still there. */
async function triedBefore(tx: Tx, jobId: string): Promise<DeploymentRow | undefined> {
  const [before] = await tx.query<DeploymentRow>(
    `with recursive earlier as (
       select retry_of as id from jobs where id = $1 union all select j.retry_of from jobs j join earlier e on j.id = e.id)
     select ${DEPLOYMENT_COLUMNS} from earlier e join deployments d on d.job_id = e.id join environments v on v.id = d.environment_id
     where v.state = 'active' order by d.id desc limit 1`,
    [jobId],
  );
  return before;
}

/** The person who wanted the retry, or otherwise the one who caused the run. null: nobody known. */
async function whoAsked(tx: Tx, jobId: string): Promise<string | null> {
  const [asked] = await tx.query<{ by: string | null }>(
    `select case when j.retry_of is not null then j.retried_by else coalesce(u.triggered_by, p.pushed_by) end as by
     from jobs j join runs u on u.id = j.run_id left join pushes p on p.id = u.push_id where j.id = $1`,
    [jobId],
  );
  return asked?.by ?? null;
}
