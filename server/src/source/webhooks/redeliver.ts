import type { Database, Tx } from '../../platform/database.js';
import { forgetDeadLetter } from '../../platform/dead-letters.js';
import { notFound } from '../../platform/errors.js';

/** Handles the stored payload again, as if the host had just sent it. Harmless while it is being handled. */
export function redeliver(db: Database, deliveryId: string, userId: string): Promise<void> {
  return db.transaction((tx) => redeliverIn(tx, deliveryId, userId));
}

export async function redeliverIn(tx: Tx, deliveryId: string, userId: string): Promise<void> {
  const [row] = await tx.query<{ repositoryId: string; state: string }>(
    'select repository_id as "repositoryId", state from webhook_deliveries where id = $1 for update',
    [deliveryId],
  );
  if (!row) throw notFound('webhook_delivery', deliveryId);
  if (row.state === 'received') return;
  await forgetDeadLetter(tx, 'webhook_delivery', deliveryId);
  await tx.query(
    `update webhook_deliveries set state = 'received', answer = null, handled_at = null, handle_after = now(), tries = 0 where id = $1`,
    [deliveryId],
  );
  await tx.query(
    `insert into history (thing, thing_id, event, from_state, to_state, by_user) values ('webhook_delivery', $1, 'redelivered', $2, 'received', $3)`,
    [deliveryId, row.state, userId],
  );
  tx.changed('repository', row.repositoryId);
}
