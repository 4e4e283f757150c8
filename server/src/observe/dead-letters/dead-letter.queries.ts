import type { Database } from '../../platform/database.js';
import type { DeadLetterKind } from '../../platform/dead-letters.js';
import { type Connection, cursorKey, pageOf } from '../../platform/graphql/connection.js';

export type DeadLetterView = {
  id: string;
  kind: DeadLetterKind;
  about: string;
  projectId: string | null;
  projectName: string | null;
  repositoryName: string | null;
  error: string;
  tries: number;
  failedAt: Date;
};

/** Read models of what was set aside. */
export class DeadLetterQueries {
  constructor(private readonly db: Database) {}

  /** Newest first. */
  async all(first: number, after: string | null | undefined): Promise<Connection<DeadLetterView>> {
    const rows = await this.db.query<DeadLetterView>(
      `select d.id, d.kind, d.about, p.id as "projectId", p.name as "projectName", r.name as "repositoryName", d.error, d.tries,
         d.failed_at as "failedAt"
       from dead_letters d left join repositories r on r.id = d.repository_id
         left join projects p on p.id = coalesce(d.project_id, r.project_id)
       where $1::uuid is null or d.id < $1 order by d.id desc limit $2`,
      [cursorKey(after), first + 1],
    );
    return pageOf(rows, first, (row) => row.id);
  }

  async count(): Promise<number> {
    const [row] = await this.db.query<{ count: number }>('select count(*)::int as count from dead_letters');
    return row?.count ?? 0;
  }
}

/** For the gauge: how many of each kind. */
export async function deadLettersByKind(db: Database) {
  const rows = await db.query<{ kind: string; count: number }>('select kind, count(*)::int as count from dead_letters group by kind');
  return rows.map(({ kind, count }) => ({ labels: { kind }, value: count }));
}
