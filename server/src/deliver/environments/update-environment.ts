import type { Database, Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { jsonb } from '../../platform/storable.js';
import { checkLimits, checkVariables, type EnvironmentRow, type Limits } from './environment.js';
import { environmentChanged, lockEnvironment, recordEnvironment, setDesired } from './environment-rows.js';

export type EnvironmentChange = {
  /** A limit left out stays as it is; null takes it away. */
  limits?: Partial<Limits> | undefined;
  /** All of them: a variable left out is removed. */
  variables?: { name: string; value: string }[] | undefined;
};

/**
 * Limits take effect at once: a new generation makes the agent replace what runs, or keep it if it does not start with them. Variables and secrets
 * are part of a deployment, so they take effect with the next one, with its health checks and its rollback.
 */
export function updateEnvironment(database: Database, id: string, change: EnvironmentChange, userId: string): Promise<void> {
  if (change.limits) checkLimits(change.limits);
  if (change.variables) checkVariables(change.variables);
  return database.transaction(async (tx) => {
    const environment = await lockEnvironment(tx, id);
    mustBeActive(environment);
    if (change.limits) await updateLimits(tx, environment, change.limits, userId);
    if (change.variables) await updateVariables(tx, environment, change.variables, userId);
    environmentChanged(tx, environment);
  });
}

export function mustBeActive(environment: EnvironmentRow): void {
  if (environment.state === 'active') return;
  throw new DomainError('conflict', 'environment_deleting', `"${environment.name}" is being deleted. Make a new environment instead.`);
}

async function updateLimits(tx: Tx, environment: EnvironmentRow, given: Partial<Limits>, userId: string): Promise<void> {
  const before: Limits = { cpuCores: environment.cpuCores, memoryMib: environment.memoryMib, storageMib: environment.storageMib };
  const limits: Limits = { ...before, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
  if (JSON.stringify(limits) === JSON.stringify(before)) return;
  await tx.query('update environments set cpu_cores = $2, memory_mib = $3, storage_mib = $4 where id = $1', [
    environment.id,
    limits.cpuCores,
    limits.memoryMib,
    limits.storageMib,
  ]);
  await recordEnvironment(tx, environment.id, 'limits_changed', userId, { before, after: limits });
  await setDesired(tx, { ...environment, ...limits }, environment.desired);
}

async function updateVariables(
  tx: Tx,
  environment: EnvironmentRow,
  given: { name: string; value: string }[],
  userId: string,
): Promise<void> {
  const variables = Object.fromEntries(given.map(({ name, value }) => [name, value]));
  await tx.query('update environments set variables = $2 where id = $1', [environment.id, jsonb(variables)]);
  const names = (of: Record<string, string>) => Object.keys(of).sort();
  await recordEnvironment(tx, environment.id, 'variables_changed', userId, {
    before: names(environment.variables),
    after: names(variables),
  });
}
