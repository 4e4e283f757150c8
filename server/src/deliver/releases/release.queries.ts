import type { Database, Tx } from '../../platform/database.js';
import { oneEach } from '../../platform/graphql/batch.js';
import { RELEASE_COLUMNS, type ReleaseRow } from './release.js';

export async function findRelease(tx: Pick<Tx, 'query'>, id: string): Promise<ReleaseRow | undefined> {
  return (await tx.query<ReleaseRow>(`select ${RELEASE_COLUMNS} from releases where id = $1`, [id]))[0];
}

/** Read models of releases. */
export class ReleaseQueries {
  constructor(private readonly database: Database) {}

  async byIds(ids: readonly string[]): Promise<(ReleaseRow | null)[]> {
    const rows = await this.database.query<ReleaseRow>(`select ${RELEASE_COLUMNS} from releases where id = any($1)`, [ids]);
    return oneEach(ids, rows, (row) => row.id);
  }

  /** Newest first. */
  ofProject(project: string, limit: number): Promise<ReleaseRow[]> {
    return this.database.query<ReleaseRow>(
      `select ${RELEASE_COLUMNS} from releases where project_id = (select id from projects where name = $1) order by number desc limit $2`,
      [project, limit],
    );
  }
}
