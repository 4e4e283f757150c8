import type { Database } from '../../../platform/database.js';

/** Heads whose history is left out when looking for new commits; more of them only save reading. */
const MOST = 1_000;

/** Where branches stood before an update, as far as that helps: read once, and moved along with each update that is recorded. */
export class KnownHeads {
  private constructor(private readonly heads: Map<string, string>) {}

  static async read(db: Database, repositoryId: string): Promise<KnownHeads> {
    const rows = await db.query<{ ref: string; sha: string }>(
      `select 'refs/heads/' || name as ref, head_sha as sha from branches where repository_id = $1 order by updated_at desc limit $2`,
      [repositoryId, MOST],
    );
    return new KnownHeads(new Map(rows.reverse().map(({ ref, sha }) => [ref, sha])));
  }

  get shas(): string[] {
    return [...new Set(this.heads.values())];
  }

  /** @param sha null: it is gone */
  move(ref: string, sha: string | null): void {
    this.heads.delete(ref);
    if (sha !== null) this.heads.set(ref, sha);
    const [oldest] = this.heads.keys();
    if (this.heads.size > MOST && oldest !== undefined) this.heads.delete(oldest);
  }
}
