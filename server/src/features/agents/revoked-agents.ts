import type { Database } from '../../platform/database.js';
import { enforceRevocations, type NatsIdentity } from '../../platform/nats/identity.js';

/** Keeps revoked agents out of NATS: told at each start and after each reconnect, as a wiped nats-server has forgotten them. */
export async function keepRevokedAgentsOut(database: Database, identity: NatsIdentity, natsUrl: string): Promise<void> {
  const rows = await database.query<{ key: string; at: number }>(
    'select public_key as key, extract(epoch from revoked_at)::int as at from agents where revoked_at is not null',
  );
  if (rows.length > 0) await enforceRevocations(identity, natsUrl, Object.fromEntries(rows.map(({ key, at }) => [key, at])));
}
