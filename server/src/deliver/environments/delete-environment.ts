import type { Database, Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import type { EnvironmentRow } from './environment.js';
import { environmentChanged, lockEnvironment, recordEnvironment, setDesired } from './environment-rows.js';

/**
 * Stops what runs there and frees its port: `deleting` until the agent confirms, then `deleted`. Refused while a deployment holds
 * the environment or waits for it. Repeating it changes nothing.
 */
export function deleteEnvironment(database: Database, id: string, userId: string): Promise<void> {
  return database.transaction(async (tx) => {
    const environment = await lockEnvironment(tx, id);
    if (environment.state !== 'active') return;
    await refuseWhileDeploying(tx, environment);
    await recordEnvironment(tx, id, 'deleted', userId, { name: environment.name });
    await tx.query(
      `update environments set state = 'deleting', current_release_id = null, current_since = null, warm_release_id = null, warm_until = null where id = $1`,
      [id],
    );
    await setDesired(tx, environment, []);
    if (!environment.agentId) await confirmDeleted(tx, environment);
    environmentChanged(tx, environment);
  });
}

async function refuseWhileDeploying(tx: Tx, environment: EnvironmentRow): Promise<void> {
  const [deployment] = await tx.query<{ state: string }>(
    `select state from deployments where environment_id = $1
       and state in ('waiting', 'provisioning', 'rolling_out', 'paused', 'verifying', 'rolling_back') order by state = 'waiting', id limit 1`,
    [environment.id],
  );
  if (!deployment) return;
  throw new DomainError(
    'conflict',
    'environment_busy',
    `A deployment to "${environment.name}" is ${deployment.state.replace('_', ' ')}. Wait for it or cancel it, then delete the environment.`,
  );
}

/** The agent no longer has anything of it; its name and port are free for others. The caller has locked the environment. */
export async function confirmDeleted(tx: Tx, environment: EnvironmentRow): Promise<void> {
  await tx.query(`update environments set state = 'deleted', deleted_at = clock_timestamp() where id = $1 and state = 'deleting'`, [
    environment.id,
  ]);
  environmentChanged(tx, environment);
}
