import { LOG_COMPLETE, Renew, type Renewed } from '@slipway/protocol';
import type { Database } from '../../platform/database.js';
import type { EnvironmentHost } from '../runs/ports.js';
import { LEASE_MS } from './accept-attempt.js';

type RenewedRow = { attempt: string; held: boolean; cancel: string | null; sealedThrough: number };

/**
 * Renews all leases of an agent and notes that it is there, in one statement. An attempt that is not `held` is gone: ended,
 * given to another, or never this agent's; the agent still hears what of its log is sealed, for the spool.
 */
export async function renewAttempts(
  deps: { database: Database; host: EnvironmentHost; resendFrom(attemptId: string): number | null },
  agentId: string,
  payload: unknown,
): Promise<Renewed> {
  const { attempts, draining, load } = Renew.parse(payload);
  const rows = await deps.database.query<RenewedRow>(
    `with seen as (
       update agents set last_seen_at = clock_timestamp(), load = $4, draining = agents.draining or $5 where id = $1 returning id),
     held as (
       update attempts a set lease_until = clock_timestamp() + interval '${LEASE_MS} ms'
       from unnest($2::uuid[], $3::bigint[]) as asked(id, number)
       where a.id = asked.id and a.number = asked.number and a.agent_id = $1 and a.state = 'running' returning a.id, a.cancel_reason)
     select asked.id as attempt, h.id is not null as held, h.cancel_reason as cancel,
       case when l.complete or (l.attempt_id is null and h.id is null) then ${LOG_COMPLETE} else coalesce(l.sealed_chunks, 0) - 1 end as "sealedThrough"
     from unnest($2::uuid[]) as asked(id) left join held h on h.id = asked.id
     left join logs l on l.attempt_id = asked.id and l.agent_id = $1`,
    [agentId, attempts.map((a) => a.attempt), attempts.map((a) => a.number), JSON.stringify(load), draining],
  );
  return {
    attempts: rows.map((row) => ({ ...row, resendFrom: deps.resendFrom(row.attempt) })),
    environments: await deps.host.generations(agentId),
  };
}
