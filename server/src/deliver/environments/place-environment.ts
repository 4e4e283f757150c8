import type { Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import type { EnvironmentRow } from './environment.js';
import { recordEnvironment, setDesired } from './environment-rows.js';

/** Public ports that environments of one agent may get, both inclusive. */
export type PortRange = { first: number; last: number };

/** Serialises the choice of agent and port across servers; any number, the same everywhere. */
const PLACE_LOCK = 7_302;

export const lockPlacement = (tx: Tx) => tx.query('select pg_advisory_xact_lock($1)', [PLACE_LOCK]);

/**
 * Where to put a new environment: on the connected deploy agent with the fewest environments, then the most free memory; null if there is none. The
 * caller has locked placement.
 */
export async function choosePlace(tx: Tx, ports: PortRange): Promise<{ agentId: string; port: number } | null> {
  const [agent] = await tx.query<{ id: string }>(
    `select a.id from agents a
     where a.connected and not a.draining and a.revoked_at is null and 'deploy' = any(a.roles)
     order by (select count(*) from environments e where e.agent_id = a.id and e.state <> 'deleted'),
       (a.load->>'memoryTotal')::float8 - (a.load->>'memoryUsed')::float8 desc nulls last, a.id limit 1`,
  );
  return agent ? { agentId: agent.id, port: await freePort(tx, agent.id, ports) } : null;
}

/**
 * The next port for an environment whose own port is taken on its machine by another program. Only for an environment that has never served, because
 * people know the port of any other. The caller has locked placement.
 */
export async function moveToNextPort(tx: Tx, environment: EnvironmentRow, ports: PortRange): Promise<EnvironmentRow> {
  const port = await freePort(tx, environment.agentId ?? '', ports, environment.port ?? ports.first);
  await tx.query('update environments set port = $2 where id = $1', [environment.id, port]);
  await recordEnvironment(tx, environment.id, 'moved_to_port', null, { from: environment.port, to: port });
  return setDesired(tx, { ...environment, port }, environment.desired);
}

/** @param after ports above this one are looked at first */
async function freePort(tx: Tx, agentId: string, ports: PortRange, after = ports.first - 1): Promise<number> {
  const [free] = await tx.query<{ port: number }>(
    `select p as port from generate_series($2::int, $3::int) p
     where not exists (select 1 from environments e where e.agent_id = $1 and e.port = p and e.state <> 'deleted')
     order by p <= $4, p limit 1`,
    [agentId, ports.first, ports.last, after],
  );
  if (free) return free.port;
  throw new DomainError(
    'conflict',
    'no_free_port',
    `All ports from ${ports.first} to ${ports.last} on the agent are taken. Delete an environment, add a deploy agent, or widen SLIPWAY_ENVIRONMENT_PORTS.`,
  );
}
