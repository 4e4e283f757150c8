import type { Database } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { lockJob } from '../jobs/job-rows.js';
import { requestJobStop } from '../jobs/stop-job.js';
import type { DeployGate } from '../runs/ports.js';
import { progressRun } from '../runs/progress-run.js';
import { deploymentById } from './deployment-rows.js';
import { isDeploymentOver } from './deployment-state.js';

/** Stops a deployment by way of its job: what has not begun is dropped, what has is taken back. Asked again, it changes nothing. */
export function cancelDeployment(deps: { database: Database; gate: DeployGate }, deploymentId: string, userId: string): Promise<void> {
  return deps.database.transaction(async (tx) => {
    const deployment = await deploymentById(tx, deploymentId);
    if (!deployment) throw notFound('deployment', deploymentId);
    if (isDeploymentOver(deployment.state)) throw alreadyOver(deployment.state);
    const job = deployment.jobId ? await lockJob(tx, deployment.jobId) : undefined;
    if (!job) throw new Error(`Deployment ${deploymentId} goes on without a job.`);
    const [user] = await tx.query<{ name: string }>('select name from users where id = $1', [userId]);
    await requestJobStop(tx, deps.gate, job, `Cancelled by ${user?.name ?? 'a user'}.`, { userId });
    await progressRun(tx, job.runId, deps.gate);
  });
}

const alreadyOver = (state: string) =>
  new DomainError(
    'conflict',
    'deployment_over',
    `This deployment is over (${state.replace('_', ' ')}). Roll back to undo what it changed.`,
  );
