import { shorten } from '@slipway/protocol';
import type { CompiledPipeline, Strategy } from '../../build/pipelines/pipeline.js';
import type { DeployGate, StartRun } from '../../build/runs/ports.js';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { type EnvironmentRow } from '../environments/environment.js';
import { readEnvironment } from '../environments/environment-rows.js';
import { mustBeActive } from '../environments/update-environment.js';
import type { ReleaseRow } from '../releases/release.js';
import { findRelease } from '../releases/release.queries.js';
import { makeWayFor } from './cancel-deployment.js';
import type { Configuration, DeploymentKind } from './deployment.js';
import { insertDeployment, NO_CONFIGURATION } from './deployment-rows.js';
import { mustBeOfRepository } from './other-repository.js';
import { deployedBefore, rollbackTarget } from './rollback-target.js';

export type RequestDeploymentDeps = { database: Database; startRun: StartRun };

type Plan = { kind: DeploymentKind; release: ReleaseRow; strategy: Strategy; configuration: Configuration };

const TIMEOUT_MS = 60 * 60_000;

/** Deploys a release to an environment of the same project, with the current configuration of the environment. @returns the deployment's id */
export function requestDeploy(
  deps: RequestDeploymentDeps,
  environmentId: string,
  releaseId: string,
  strategy: Strategy | null,
  userId: string,
): Promise<string> {
  return deps.database.transaction(async (tx) => {
    const environment = await readActive(tx, environmentId);
    const release = await releaseFor(tx, environment, releaseId);
    const usual = (await deployedBefore(tx, environmentId, null))?.strategy ?? 'blue-green';
    return start(
      tx,
      deps.startRun,
      environment,
      { kind: 'deploy', release, strategy: strategy ?? usual, configuration: NO_CONFIGURATION },
      userId,
    );
  });
}

/**
 * Restores what ran there before, with the configuration and secret versions that it had then. A deployment that is under way is undone at once:
 * whoever rolls back does not wait for what they want to be rid of.
 *
 * @param toReleaseId null: what served before the deployment under way, or before the current release
 */
export async function requestRollback(
  deps: RequestDeploymentDeps & { gate: DeployGate },
  environmentId: string,
  toReleaseId: string | null,
  userId: string,
): Promise<string> {
  const rollbackId = await deps.database.transaction(async (tx) => {
    const environment = await readActive(tx, environmentId);
    const before = await rollbackTarget(tx, environment, toReleaseId);
    const release = await releaseFor(tx, environment, before.releaseId);
    return start(tx, deps.startRun, environment, { ...before, kind: 'rollback', release }, userId);
  });
  await makeWayFor(deps, rollbackId, userId);
  return rollbackId;
}

/** Without its lock, as the run comes first: the gate decides under the lock, and looks at the state again. */
async function readActive(tx: Tx, environmentId: string): Promise<EnvironmentRow> {
  const environment = await readEnvironment(tx, environmentId);
  mustBeActive(environment);
  return environment;
}

async function releaseFor(tx: Tx, environment: EnvironmentRow, releaseId: string): Promise<ReleaseRow> {
  const release = await findRelease(tx, releaseId);
  if (!release || release.projectId !== environment.projectId) throw notFound('release', releaseId);
  await mustBeOfRepository(tx, environment.id, { releaseId });
  const [artifact] = await tx.query('select 1 from artifacts where digest = $1 and project_id = $2 and deleted_at is null limit 1', [
    release.artifactDigest,
    release.projectId,
  ]);
  if (artifact) return release;
  throw new DomainError(
    'conflict',
    'artifact_gone',
    `The artifact of release #${release.number} is no longer stored. Run the pipeline at commit ${shorten(release.commitSha, 7)} again.`,
  );
}

async function start(tx: Tx, startRun: StartRun, environment: EnvironmentRow, plan: Plan, userId: string): Promise<string> {
  let made: string | undefined;
  await startRun(tx, {
    projectId: environment.projectId,
    repositoryId: plan.release.repositoryId,
    branch: plan.release.branch,
    commitSha: plan.release.commitSha,
    trigger: plan.kind,
    triggeredBy: userId,
    pushId: null,
    pipeline: pipelineOf(environment, plan),
    problems: [],
    beforeStart: async (inner, runId) => {
      made = await tie(inner, environment, plan, runId, userId);
    },
  });
  if (!made) throw new Error('The run of a deployment was made without its job.');
  return made;
}

async function tie(tx: Tx, environment: EnvironmentRow, plan: Plan, runId: string, userId: string): Promise<string> {
  const [job] = await tx.query<{ id: string }>('select id from jobs where run_id = $1', [runId]);
  if (!job) throw new Error(`Run ${runId} has no job to deploy with.`);
  const { kind, strategy, configuration } = plan;
  const deployment = await insertDeployment(tx, {
    projectId: environment.projectId,
    environmentId: environment.id,
    releaseId: plan.release.id,
    jobId: job.id,
    strategy,
    kind,
    configuration,
    createdBy: userId,
  });
  return deployment.id;
}

function pipelineOf(environment: EnvironmentRow, { kind, release, strategy }: Plan): CompiledPipeline {
  const job = {
    name: `${kind} ${environment.name}`,
    kind: 'deploy' as const,
    needs: [],
    env: {},
    secrets: [],
    steps: [],
    artifacts: [],
    reports: { tests: [] },
    timeoutMs: TIMEOUT_MS,
    tags: [],
    testType: null,
    on: null,
    deploy: { environment: environment.name, strategy, app: release.app },
  };
  return { source: kind, on: { push: null, pullRequest: null, manual: false }, jobs: [job] };
}
