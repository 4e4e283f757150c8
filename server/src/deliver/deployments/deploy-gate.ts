import type { DesiredEnvironment } from '@slipway/protocol';
import type { DeployGate, DeployJob } from '../../build/runs/ports.js';
import type { Tx } from '../../platform/database.js';
import { assembleDesired, type DesiredDeps } from '../environments/desired-environment.js';
import type { EnvironmentRow } from '../environments/environment.js';
import { lockEnvironment } from '../environments/environment-rows.js';
import type { PortRange } from '../environments/place-environment.js';
import { findRelease } from '../releases/release.queries.js';
import { type AdvanceDeps, abortDeployment, beginDeployment } from './advance-deployment.js';
import type { DeploymentRow } from './deployment.js';
import { deploymentById, deploymentOfJob, moveDeployment } from './deployment-rows.js';
import { isDeploymentOver } from './deployment-state.js';
import { holdEnvironment } from './hold-environment.js';
import { checkRetry, makeDeployment } from './make-deployment.js';
import { supersedeWaiting, whyWaiting } from './waiting-line.js';

export type DeployGateDeps = DesiredDeps & AdvanceDeps & { ports: PortRange };

type Ready = Awaited<ReturnType<DeployGate['ready']>>;

/** See {@link DeployGate}. Everything is decided with the environment locked; the run is locked before it, by the caller. */
export class DeploymentGate implements DeployGate {
  constructor(private readonly deps: DeployGateDeps) {}

  async ready(tx: Tx, job: DeployJob): Promise<Ready> {
    const made = (await deploymentOfJob(tx, job.id)) ?? (await makeDeployment(tx, job, this.deps.ports));
    if ('go' in made) return made;
    const environment = await lockEnvironment(tx, made.environmentId);
    const deployment = await mustFind(tx, made.id);
    if (deployment.state === 'waiting') return this.enter(tx, environment, deployment);
    if (isDeploymentOver(deployment.state)) return this.over(tx, deployment);
    return queued(environment);
  }

  checkRetry(tx: Tx, job: DeployJob): Promise<void> {
    return checkRetry(tx, job);
  }

  async work(tx: Tx, jobId: string): Promise<{ deploymentId: string; desired: DesiredEnvironment }> {
    const found = await mustFindOfJob(tx, jobId);
    const environment = await lockEnvironment(tx, found.environmentId);
    const deployment = await mustFind(tx, found.id);
    const begun = deployment.state !== 'provisioning' || deployment.rollout !== null;
    const held = begun ? { environment, deployment } : await this.begin(tx, environment, deployment);
    return { deploymentId: deployment.id, desired: await assembleDesired(tx, this.deps, held.environment) };
  }

  async cancel(tx: Tx, jobId: string, reason: string): Promise<'done' | 'wait'> {
    const found = await deploymentOfJob(tx, jobId);
    if (!found) return 'done';
    const environment = await lockEnvironment(tx, found.environmentId);
    const deployment = await mustFind(tx, found.id);
    if (isDeploymentOver(deployment.state)) return deployment.rollout ? 'wait' : 'done';
    if (!deployment.rollout) {
      await moveDeployment(tx, deployment, 'withdraw', { reason: 'cancelled', message: reason, deadlineMs: null });
      tx.afterCommit(this.deps.wake);
      return 'done';
    }
    const timeout = reason === 'timeout';
    await abortDeployment(
      tx,
      this.deps,
      { environment, deployment },
      {
        cause: timeout ? 'ill' : 'abort',
        reason: timeout ? 'timeout' : 'cancelled',
        message: timeout ? "It took longer than the job's time limit." : reason,
      },
    );
    return 'wait';
  }

  async verdict(tx: Tx, jobId: string): Promise<{ state: 'succeeded' | 'failed' | 'cancelled'; reason: string; message: string } | null> {
    const deployment = await deploymentOfJob(tx, jobId);
    if (!deployment || !isDeploymentOver(deployment.state)) return null;
    return { state: verdictOf(deployment), reason: deployment.reason ?? deployment.state, message: deployment.message ?? '' };
  }

  private async enter(tx: Tx, environment: EnvironmentRow, deployment: DeploymentRow): Promise<Ready> {
    const overtaken = await supersedeWaiting(tx, deployment);
    if (overtaken.length > 0) tx.afterCommit(this.deps.wake);
    if (overtaken.includes(deployment.id)) return this.over(tx, await mustFind(tx, deployment.id));
    const why = await whyWaiting(tx, environment, deployment);
    if (why) {
      await tx.query('update deployments set reason = $2, message = $3 where id = $1', [deployment.id, why.reason, why.message]);
      tx.changed('deployment', deployment.id);
      return { go: 'wait', environmentId: environment.id, ...why };
    }
    const failure = await holdEnvironment(tx, this.deps.secrets, environment, deployment);
    return failure ? { go: 'fail', ...failure } : queued(environment);
  }

  /** A superseded job has not failed: it waits the moment that the timer needs to skip it. */
  private over(tx: Tx, deployment: DeploymentRow): Ready {
    const why = { reason: deployment.reason ?? deployment.state, message: deployment.message ?? 'The deployment is over.' };
    if (deployment.state !== 'superseded' && deployment.state !== 'cancelled') return { go: 'fail', ...why };
    tx.afterCommit(this.deps.wake);
    return { go: 'wait', environmentId: deployment.environmentId, ...why };
  }

  private async begin(tx: Tx, environment: EnvironmentRow, deployment: DeploymentRow) {
    const release = await findRelease(tx, deployment.releaseId);
    if (!release) throw new Error(`Release ${deployment.releaseId} is gone.`);
    return beginDeployment(tx, this.deps, { environment, deployment }, release);
  }
}

function queued(environment: EnvironmentRow): Ready {
  if (!environment.agentId) throw new Error(`Environment ${environment.id} is held without an agent.`);
  return { go: 'queue', environmentId: environment.id, agentId: environment.agentId };
}

/** For its job, a deployment that somebody stopped is cancelled, whatever had to be undone. */
function verdictOf({ state, rollout }: DeploymentRow): 'succeeded' | 'failed' | 'cancelled' {
  if (state === 'succeeded') return 'succeeded';
  return state === 'cancelled' || state === 'superseded' || rollout?.undoing?.cause === 'abort' ? 'cancelled' : 'failed';
}

async function mustFind(tx: Tx, id: string): Promise<DeploymentRow> {
  const deployment = await deploymentById(tx, id);
  if (!deployment) throw new Error(`Deployment ${id} is gone.`);
  return deployment;
}

async function mustFindOfJob(tx: Tx, jobId: string): Promise<DeploymentRow> {
  const deployment = await deploymentOfJob(tx, jobId);
  if (!deployment) throw new Error(`Job ${jobId} has no deployment.`);
  return deployment;
}
