import type { Database } from '../../platform/database.js';

const KEPT_PER_REPOSITORY = 100;
const KEPT_DAYS = 30;

/**
 * Forgets deliveries that are over: all but the newest of each repository, and those of long ago. A host that repeats one of them is heard again,
 * which starts nothing twice either.
 */
export async function sweepDeliveries(db: Database): Promise<void> {
  await db.query(
    `delete from webhook_deliveries where state <> 'received' and (received_at < now() - make_interval(days => ${KEPT_DAYS}) or id in (
       select id from (select id, row_number() over (partition by repository_id order by id desc) as place from webhook_deliveries) placed
       where place > ${KEPT_PER_REPOSITORY}))`,
  );
}
