import { subjects } from '@slipway/protocol';
import type { Tx } from '../../platform/database.js';
import { notFound } from '../../platform/errors.js';
import { jsonb } from '../../platform/storable.js';
import type { EnvironmentRow, PlacedRelease } from './environment.js';

const COLUMNS = `e.id, e.project_id as "projectId", p.name as project, e.name, e.state, e.agent_id as "agentId", e.port,
  e.cpu_cores as "cpuCores", e.memory_mib as "memoryMib", e.storage_mib as "storageMib", e.variables, e.generation, e.desired,
  e.current_release_id as "currentReleaseId", e.warm_release_id as "warmReleaseId", e.observed,
  (extract(epoch from clock_timestamp() - e.observed_at) * 1000)::float8 as "observedAgeMs"`;

/**
 * The lock under which everything about an environment is decided: what it should be and who holds it. Taken after the locks of
 * runs and repositories, never before one. Not `for update`: rows that refer to the environment may be made meanwhile.
 */
export const lockEnvironment = (tx: Tx, id: string): Promise<EnvironmentRow> => select(tx, id, 'for no key update of e');

/** A look that decides nothing. */
export const readEnvironment = (tx: Pick<Tx, 'query'>, id: string): Promise<EnvironmentRow> => select(tx, id, '');

async function select(tx: Pick<Tx, 'query'>, id: string, lock: string): Promise<EnvironmentRow> {
  const [environment] = await tx.query<EnvironmentRow>(
    `select ${COLUMNS} from environments e join projects p on p.id = e.project_id where e.id = $1 ${lock}`,
    [id],
  );
  if (!environment) throw notFound('environment', id);
  return environment;
}

/** Makes the next generation and tells the agent of it. The environment is locked by the caller. @returns the row as it is now */
export async function setDesired(tx: Tx, environment: EnvironmentRow, desired: PlacedRelease[]): Promise<EnvironmentRow> {
  const generation = environment.generation + 1;
  await tx.query('update environments set generation = $2, desired = $3 where id = $1', [environment.id, generation, jsonb(desired)]);
  const next = { ...environment, generation, desired };
  tellAgent(tx, next);
  tx.changed('environment', environment.id);
  return next;
}

/** Makes the agent check its environment now. If the message is lost, it only takes longer, because renewals and observations say the same. */
export function tellAgent(tx: Tx, { id, agentId, generation }: Pick<EnvironmentRow, 'id' | 'agentId' | 'generation'>): void {
  if (agentId) tx.tell(subjects.control(agentId), { kind: 'apply', environmentId: id, generation });
}

export function environmentChanged(tx: Tx, environment: Pick<EnvironmentRow, 'id' | 'projectId'>): void {
  tx.changed('environment', environment.id);
  tx.changed('project', environment.projectId);
}

/** @param by the user who did it; null: the server itself */
export async function recordEnvironment(tx: Tx, id: string, event: string, by: string | null, details: object): Promise<void> {
  await tx.query(`insert into history (thing, thing_id, event, by_user, details) values ('environment', $1, $2, $3, $4)`, [
    id,
    event,
    by,
    jsonb(details),
  ]);
}
