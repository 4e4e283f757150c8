import { lockJob } from '../../build/jobs/job-rows.js';
import { requestJobStop } from '../../build/jobs/stop-job.js';
import type { DeployGate } from '../../build/runs/ports.js';
import { progressRun } from '../../build/runs/progress-run.js';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import type { DeploymentRow } from './deployment.js';
import { deploymentById, HOLDING } from './deployment-rows.js';
import { isDeploymentOver } from './deployment-state.js';

type CancelDeps = { database: Database; gate: DeployGate };

/** Stops a deployment through its job: what has not begun is dropped, what has begun is undone. A repetition changes nothing. */
export function cancelDeployment({ database, gate }: CancelDeps, deploymentId: string, userId: string): Promise<void> {
  return database.transaction(async (tx) => {
    const deployment = await deploymentById(tx, deploymentId);
    if (!deployment) throw notFound('deployment', deploymentId);
    if (isDeploymentOver(deployment.state)) throw alreadyOver(deployment.state);
    await stop(tx, gate, deployment, userId, 'Cancelled');
  });
}

/**
 * A rollback comes instead of what is under way and of rollbacks that wait. Not in its own transaction, as these are jobs of other runs; should it
 * never come to this, the rollback waits for them and then goes to the same release.
 */
export async function makeWayFor({ database, gate }: CancelDeps, rollbackId: string, userId: string): Promise<void> {
  const others = await database.query<{ id: string }>(
    `select d.id from deployments d join deployments own on own.environment_id = d.environment_id
     where own.id = $1 and d.id < own.id and d.state <> 'rolling_back' and (d.state in (${HOLDING}) or (d.state = 'waiting' and d.kind = 'rollback'))`,
    [rollbackId],
  );
  for (const { id } of others) {
    await database.transaction(async (tx) => {
      const deployment = await deploymentById(tx, id);
      if (deployment && !isDeploymentOver(deployment.state)) await stop(tx, gate, deployment, userId, 'Rolled back');
    });
  }
}

async function stop(tx: Tx, gate: DeployGate, { id, jobId }: DeploymentRow, userId: string, what: string): Promise<void> {
  const job = jobId ? await lockJob(tx, jobId) : undefined;
  if (!job) throw new Error(`Deployment ${id} goes on without a job.`);
  const [user] = await tx.query<{ name: string }>('select name from users where id = $1', [userId]);
  await requestJobStop(tx, gate, job, `${what} by ${user?.name ?? 'a user'}.`, { userId });
  await progressRun(tx, job.runId, gate);
}

const alreadyOver = (state: string) =>
  new DomainError(
    'conflict',
    'deployment_over',
    `This deployment is over (${state.replace('_', ' ')}). Roll back to undo what it changed.`,
  );
