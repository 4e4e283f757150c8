import { onlyDeploy } from '../../build/pipelines/part-of-pipeline.js';
import { headToRun, pipelineOf, runAt, type TriggerRunDeps } from '../../build/runs/trigger-run.js';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { readEnvironment } from '../environments/environment-rows.js';
import { mustBeActive } from '../environments/update-environment.js';
import { mustBeOfRepository } from './other-repository.js';
import { requestDeploy } from './request-deployment.js';

export type BranchToDeploy = { repositoryId: string; branch: string; environmentId: string };

/** `jobId`: of the deploy job that brings it there. `releaseNumber` null: it is built first. */
export type BranchDeployment = { jobId: string; environment: string; commitSha: string; releaseNumber: number | null };

/**
 * Brings the head of a branch to an environment of the same project: its newest release, where there is one; else a run builds one, with what
 * the pipeline's deploy job needs, and deploys it.
 */
export async function deployBranch(deps: TriggerRunDeps, what: BranchToDeploy, userId: string): Promise<BranchDeployment> {
  const environment = await readEnvironment(deps.database, what.environmentId);
  mustBeActive(environment);
  await mustBeOfRepository(deps.database, environment.id, { repositoryId: what.repositoryId });
  const release = await releaseAtHead(deps.database, what);
  if (!release) return buildAndDeploy(deps, what, environment.name, userId);
  const deploymentId = await requestDeploy(deps, what.environmentId, release.id, null, userId);
  const { jobId } = await jobOfDeployment(deps.database, deploymentId);
  return { jobId, environment: environment.name, commitSha: release.commitSha, releaseNumber: release.number };
}

type Release = { id: string; number: number; commitSha: string };

/** Made of a run of this very branch, trusted, and with its artifact still there. */
async function releaseAtHead(database: Database, { repositoryId, branch }: BranchToDeploy): Promise<Release | undefined> {
  const [release] = await database.query<Release>(
    `select l.id, l.number, l.commit_sha as "commitSha" from branches b
     join releases l on l.repository_id = b.repository_id and l.commit_sha = b.head_sha and l.branch = b.name
     left join runs u on u.id = l.run_id
     where b.repository_id = $1 and b.name = $2 and coalesce(u.trusted, true) and coalesce(u.ref, 'refs/heads/' || l.branch) = 'refs/heads/' || b.name
       and exists (select 1 from artifacts a where a.digest = l.artifact_digest and a.project_id = l.project_id and a.deleted_at is null)
     order by l.number desc limit 1`,
    [repositoryId, branch],
  );
  return release;
}

async function buildAndDeploy(deps: TriggerRunDeps, what: BranchToDeploy, environment: string, userId: string): Promise<BranchDeployment> {
  const head = await headToRun(deps, what.repositoryId, what.branch);
  const pipeline = onlyDeploy(pipelineOf(head), environment);
  if (!pipeline) throw nothingToDeploy(what.branch);
  const jobId = await deps.database.transaction(async (tx) => {
    const { runId } = await deps.startRun(tx, { ...runAt(head, userId), trigger: 'deploy', pipeline });
    return deployJobOf(tx, runId);
  });
  return { jobId, environment, commitSha: head.sha, releaseNumber: null };
}

async function deployJobOf(tx: Tx, runId: string): Promise<string> {
  const [job] = await tx.query<{ id: string }>(`select id from jobs where run_id = $1 and kind = 'deploy'`, [runId]);
  if (!job) throw new Error(`Run ${runId} was made to deploy, but has no deploy job.`);
  return job.id;
}

async function jobOfDeployment(database: Database, deploymentId: string): Promise<{ jobId: string }> {
  const [row] = await database.query<{ jobId: string }>('select job_id as "jobId" from deployments where id = $1', [deploymentId]);
  if (!row) throw new Error(`Deployment ${deploymentId} was made, and is gone.`);
  return row;
}

const nothingToDeploy = (branch: string) =>
  new DomainError(
    'conflict',
    'nothing_to_deploy',
    `The pipeline of "${branch}" does not say how to deploy it. Add "app:" to .slipway.yml, a job that makes its artifact, and a job of "kind: deploy" that needs it, then push.`,
  );
