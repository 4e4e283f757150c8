import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { checkEnvironmentName, checkLimits, type Limits } from './environment.js';
import { environmentChanged, recordEnvironment } from './environment-rows.js';
import { choosePlace, lockPlacement, type PortRange } from './place-environment.js';

export type CreateEnvironmentDeps = { database: Database; ports: PortRange };

/**
 * Made also when no deploy agent is connected: it gets its agent and port as soon as one is.
 * @param project its name or its id
 * @returns the environment's id
 */
export function createEnvironment(
  deps: CreateEnvironmentDeps,
  project: string,
  name: string,
  limits: Partial<Limits>,
  userId: string,
): Promise<string> {
  checkEnvironmentName(name);
  checkLimits(limits);
  return deps.database.transaction(async (tx) => {
    const [found] = await tx.query<{ id: string }>('select id from projects where id::text = $1 or name = $1', [project]);
    if (!found) throw notFound('project', project);
    await lockPlacement(tx);
    const there = await findEnvironment(tx, found.id, name);
    if (there) throw alreadyThere(name, there.state);
    return insertEnvironment(tx, found.id, name, limits, deps.ports, userId);
  });
}

/** The environment of that name, made with no limits when the project has none yet: a pipeline names the environments it deploys to. */
export async function ensureEnvironment(tx: Tx, projectId: string, name: string, ports: PortRange): Promise<{ id: string; state: string }> {
  const there = await findEnvironment(tx, projectId, name);
  if (there) return there;
  await lockPlacement(tx);
  return (
    (await findEnvironment(tx, projectId, name)) ?? { id: await insertEnvironment(tx, projectId, name, {}, ports, null), state: 'active' }
  );
}

export async function findEnvironment(
  tx: Pick<Tx, 'query'>,
  projectId: string,
  name: string,
): Promise<{ id: string; state: string } | undefined> {
  const [there] = await tx.query<{ id: string; state: string }>(
    `select id, state from environments where project_id = $1 and name = $2 and state <> 'deleted'`,
    [projectId, name],
  );
  return there;
}

function alreadyThere(name: string, state: string): DomainError {
  if (state === 'deleting') {
    return new DomainError(
      'conflict',
      'environment_deleting',
      `"${name}" is being deleted right now. Wait until its agent has confirmed it, then make it again.`,
    );
  }
  return new DomainError(
    'conflict',
    'environment_exists',
    `This project already has an environment "${name}". Choose another name, or use that one.`,
  );
}

async function insertEnvironment(
  tx: Tx,
  projectId: string,
  name: string,
  limits: Partial<Limits>,
  ports: PortRange,
  by: string | null,
): Promise<string> {
  const id = newId();
  const place = await choosePlace(tx, ports);
  await tx.query(
    `insert into environments (id, project_id, name, agent_id, port, cpu_cores, memory_mib, storage_mib) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      id,
      projectId,
      name,
      place?.agentId ?? null,
      place?.port ?? null,
      limits.cpuCores ?? null,
      limits.memoryMib ?? null,
      limits.storageMib ?? null,
    ],
  );
  await recordEnvironment(tx, id, 'created', by, { name, limits });
  environmentChanged(tx, { id, projectId });
  return id;
}
