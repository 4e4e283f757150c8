import { Renew, type Renewed } from '@slipway/protocol';
import type { Database } from '../../platform/database.js';
import type { EnvironmentHost } from '../runs/ports.js';
import { LEASE_MS } from './accept-attempt.js';

type RenewedRow = { attempt: string; cancel: string | null; sealedThrough: number; resendFrom: number | null };

/**
 * Renews all leases of an agent and notes that it is there, in one statement. An attempt that is not in the answer's
 * `held` ones is gone: ended, given to another, or never this agent's.
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
     select h.id as attempt, h.cancel_reason as cancel, coalesce(l.sealed_chunks, 0) - 1 as "sealedThrough"
     from held h left join logs l on l.attempt_id = h.id`,
    [agentId, attempts.map((a) => a.attempt), attempts.map((a) => a.number), JSON.stringify(load), draining],
  );
  const held = new Map(rows.map((row) => [row.attempt, row]));
  return {
    attempts: attempts.map(({ attempt }) => ({
      attempt,
      held: held.has(attempt),
      cancel: held.get(attempt)?.cancel ?? null,
      sealedThrough: held.get(attempt)?.sealedThrough ?? -1,
      resendFrom: deps.resendFrom(attempt),
    })),
    environments: await deps.host.generations(agentId),
  };
}
