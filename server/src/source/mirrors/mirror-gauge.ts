import type { Database } from '../../platform/database.js';

type Row = { state: string; code: string; count: number };

export async function mirrorsByState(db: Database) {
  const rows = await db.query<Row>(
    `select case when failing_since is not null then 'stale' when fetched_at is null then 'waiting' else 'fresh' end as state,
       coalesce(error_code, '') as code, count(*)::int as count from mirrors group by 1, 2`,
  );
  return rows.map(({ state, code, count }) => ({ labels: { state, code }, value: count }));
}
