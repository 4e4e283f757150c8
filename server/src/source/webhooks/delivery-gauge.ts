import type { Database } from '../../platform/database.js';

export async function waitingDeliveries(db: Database) {
  const [row] = await db.query<{ seconds: number }>(
    `select coalesce(extract(epoch from now() - min(received_at)), 0)::float8 as seconds from webhook_deliveries where state = 'received'`,
  );
  return [{ labels: {}, value: row?.seconds ?? 0 }];
}
