import type { Tx } from '../../platform/database.js';
import type { EnvironmentRow } from '../environments/environment.js';
import type { DeploymentRow } from './deployment.js';
import { deploymentById, holderOf, moveDeployment } from './deployment-rows.js';

/** Rollbacks first: somebody waits for them, perhaps at three in the morning. Then in the order in which they came. */
export const LINE_ORDER = `(d.kind = 'rollback') desc, d.id`;

/** Why a deployment can't have its environment yet; null: it can. The environment is locked by the caller. */
export async function whyWaiting(
  tx: Tx,
  environment: EnvironmentRow,
  deployment: DeploymentRow,
): Promise<{ reason: string; message: string } | null> {
  if (!environment.agentId) {
    return {
      reason: 'no_deploy_agent',
      message: `No agent with the role "deploy" is connected to host "${environment.name}". Start one; the deployment then goes on by itself.`,
    };
  }
  const holder = await holderOf(tx, environment.id);
  if (holder)
    return {
      reason: 'environment_busy',
      message: `Another deployment to "${environment.name}" is under way (${holder.state.replace('_', ' ')}).`,
    };
  const [first] = await tx.query<{ id: string }>(
    `select d.id from deployments d join jobs j on j.id = d.job_id
     where d.environment_id = $1 and d.state = 'waiting' and j.state = 'waiting' order by ${LINE_ORDER} limit 1`,
    [environment.id],
  );
  if (!first || first.id === deployment.id) return null;
  return { reason: 'environment_busy', message: `Another deployment to "${environment.name}" comes first.` };
}

/**
 * Of those that wait to bring the same branch to the same place, only the newest run's goes on, and none when a newer run's is there
 * already: an older commit must not come after a newer one just because its tests took longer. The others, perhaps this one, are
 * superseded. Rollbacks, and deployments that somebody asked for by hand (a retried job as well), are left alone.
 *
 * @returns ids of the superseded; their jobs are ended by the timer, as other runs can't be locked from here
 */
export async function supersedeWaiting(tx: Tx, deployment: DeploymentRow): Promise<string[]> {
  const overtaken = await tx.query<{ id: string; by: number }>(
    `with line as (
       select d.id, d.state, u.number, u.repository_id, u.branch, j.retry_of is not null as retried
       from deployments d join jobs j on j.id = d.job_id join runs u on u.id = j.run_id
       where d.environment_id = $1 and d.state in ('waiting', 'succeeded') and d.kind = 'deploy' and u.trigger in ('push', 'manual')),
     own as (select * from line where id = $2),
     rivals as (select l.* from line l join own on l.repository_id = own.repository_id and l.branch = own.branch)
     select r.id, max(newer.number) as by from rivals r
     join rivals newer on newer.number > r.number and (newer.state = 'waiting' or not r.retried)
     where r.state = 'waiting' group by r.id`,
    [deployment.environmentId, deployment.id],
  );
  for (const { id, by } of overtaken) {
    const waiting = await deploymentById(tx, id);
    if (waiting)
      await moveDeployment(tx, waiting, 'supersede', {
        reason: 'superseded',
        message: `Run #${by} of the same branch is newer; its release goes there instead.`,
        deadlineMs: null,
      });
  }
  return overtaken.map(({ id }) => id);
}
