import type { Tx } from '../../platform/database.js';
import { userMay } from '../access/user-may.js';
import { environmentRefusal } from '../branches/rules/environment-rule.js';
import { ensureEnvironment } from '../environments/create-environment.js';
import type { PortRange } from '../environments/place-environment.js';
import type { DeploySpec } from '../pipelines/pipeline.js';
import { releaseOfRun } from '../releases/make-release.js';
import type { DeployJob } from '../runs/ports.js';
import type { DeploymentRow } from './deployment.js';
import { DEPLOYMENT_COLUMNS, insertDeployment, NO_CONFIGURATION } from './deployment-rows.js';

type Failure = { go: 'fail'; reason: string; message: string };

/**
 * The deployment of a deploy job whose run has just got that far. A job that tries another again repeats what that one
 * was for, with a fresh artifact where its run made one.
 */
export async function makeDeployment(tx: Tx, job: DeployJob, ports: PortRange): Promise<DeploymentRow | Failure> {
  const spec = job.spec.deploy;
  if (!spec) throw new Error(`Job ${job.id} is of kind deploy but says not what to deploy.`);
  const before = await triedBefore(tx, job.id);
  const releaseId = (await releaseOfRun(tx, job.runId, spec.app))?.id ?? before?.releaseId;
  if (!releaseId) return artifactMissing(spec);
  const by = await whoStarted(tx, job.runId);
  // The release is there all the same: somebody who may deploy can take it from here.
  if (by && !(await userMay(tx, by, 'deployment.create', job.projectId))) return notAllowed(spec);
  const refusal = await environmentRefusal(tx, releaseId, spec.environment);
  if (refusal && before?.kind !== 'rollback') return { go: 'fail', ...refusal };
  const environment = before ? { id: before.environmentId } : await ensureEnvironment(tx, job.projectId, spec.environment, ports);
  return insertDeployment(tx, {
    projectId: job.projectId,
    environmentId: environment.id,
    releaseId,
    jobId: job.id,
    strategy: spec.strategy,
    kind: before?.kind ?? 'deploy',
    configuration: before?.kind === 'rollback' ? before.configuration : NO_CONFIGURATION,
    createdBy: by,
  });
}

const artifactMissing = ({ app }: DeploySpec): Failure => ({
  go: 'fail',
  reason: 'artifact_missing',
  message: `There is no artifact "${app.artifact}" in this run, or it was deleted. Have a job that the deploy job needs make it, and retry that job.`,
});

const notAllowed = ({ environment }: DeploySpec): Failure => ({
  go: 'fail',
  reason: 'not_allowed',
  message: `Whoever started this run may not deploy in this project. The release is made: ask a deployer to deploy it to "${environment}", or an administrator for the role of deployer.`,
});

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

async function whoStarted(tx: Tx, runId: string): Promise<string | null> {
  const [run] = await tx.query<{ by: string | null }>(
    `select coalesce(u.triggered_by, p.pushed_by) as by from runs u left join pushes p on p.id = u.push_id where u.id = $1`,
    [runId],
  );
  return run?.by ?? null;
}
