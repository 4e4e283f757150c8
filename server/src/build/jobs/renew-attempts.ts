import { LOG_COMPLETE, Renew, type Renewed } from '@slipway/protocol';
import type { Database } from '../../platform/database.js';
import { jsonb } from '../../platform/storable.js';
import { agentPresenceChanged } from '../agents/agent-presence.js';
import type { EnvironmentHost } from '../runs/ports.js';
import { LEASE_MS } from './accept-attempt.js';

type RenewedRow = { connected: boolean; attempt: string | null; held: boolean; cancel: string | null; sealedThrough: number };

/**
 * Renews all leases of an agent and notes that it is there, in one statement. An attempt that is not `held` is gone: ended,
 * given to another, or never this agent's; the agent still hears what of its log is sealed, for the spool. One that was silent for
 * longer than a lease, and was given up, gets work again from here on: its connection may have held all the while.
 */
export async function renewAttempts(
  deps: { database: Database; host: EnvironmentHost; resendFrom(attemptId: string): number | null },
  agentId: string,
  payload: unknown,
): Promise<Renewed> {
  const { attempts, load } = Renew.parse(payload);
  const rows = await deps.database.query<RenewedRow>(
    `with seen as (
       update agents set last_seen_at = clock_timestamp(), load = $4 where id = $1 returning connected),
     held as (
       update attempts a set lease_until = clock_timestamp() + interval '${LEASE_MS} ms'
       from unnest($2::uuid[], $3::bigint[]) as asked(id, number)
       where a.id = asked.id and a.number = asked.number and a.agent_id = $1 and a.state = 'running' returning a.id, a.cancel_reason)
     select seen.connected, asked.id as attempt, h.id is not null as held, h.cancel_reason as cancel,
       case when l.complete or (l.attempt_id is null and h.id is null) then ${LOG_COMPLETE} else coalesce(l.sealed_chunks, 0) - 1 end as "sealedThrough"
     from seen left join unnest($2::uuid[]) as asked(id) on true left join held h on h.id = asked.id
     left join logs l on l.attempt_id = asked.id and l.agent_id = $1`,
    [agentId, attempts.map((a) => a.attempt), attempts.map((a) => a.number), jsonb(load)],
  );
  if (rows[0]?.connected === false) await noteReturn(deps.database, agentId);
  return {
    attempts: rows.flatMap(({ attempt, held, cancel, sealedThrough }) =>
      attempt === null ? [] : [{ attempt, held, cancel, sealedThrough, resendFrom: deps.resendFrom(attempt) }],
    ),
    environments: await deps.host.generations(agentId),
  };
}

async function noteReturn(database: Database, agentId: string): Promise<void> {
  await database.transaction(async (tx) => {
    const [back] = await tx.query(
      'update agents set connected = true where id = $1 and not connected and revoked_at is null returning id',
      [agentId],
    );
    if (!back) return;
    await agentPresenceChanged(tx, agentId);
    tx.changed('queue', 'slots');
  });
}
