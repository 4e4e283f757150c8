import type { Database } from '../../platform/database.js';
import { UNSENT } from './status-rows.js';

export async function unsentStatuses(db: Database) {
  const [row] = await db.query<{ waiting: number; failing: number }>(
    `select count(*) filter (where s.error is null)::int as waiting, count(*) filter (where s.error is not null)::int as failing
     from commit_statuses s where ${UNSENT}`,
  );
  return [
    { labels: { state: 'waiting' }, value: row?.waiting ?? 0 },
    { labels: { state: 'failing' }, value: row?.failing ?? 0 },
  ];
}
