import { subjects } from '@slipway/protocol';
import type { Database } from '../../platform/database.js';
import { notFound } from '../../platform/errors.js';

/** A draining agent keeps its work and gets no more, until it is told otherwise. Harmless when repeated. */
export function drainAgent(database: Database, id: string, draining: boolean, userId: string): Promise<void> {
  return database.transaction(async (tx) => {
    const [agent] = await tx.query('update agents set draining = $2 where id = $1 and revoked_at is null returning id', [id, draining]);
    if (!agent) throw notFound('agent', id);
    await tx.query(`insert into history (thing, thing_id, event, by_user) values ('agent', $1, $2, $3)`, [
      id,
      draining ? 'drained' : 'resumed',
      userId,
    ]);
    if (draining) tx.tell(subjects.control(id), { kind: 'drain' });
    tx.changed('agent', id);
    tx.changed('queue', 'slots');
  });
}
