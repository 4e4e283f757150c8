import type { Database } from '../../../platform/database.js';
import { oneEach } from '../../../platform/graphql/batch.js';
import { pullRequestNumberIn } from '../../code-hosts/pull-request-number.js';
import { type CommitKey, columnsOf, KEYS, type Placed, placed } from './commit-keys.js';

/** What is known of commits beyond themselves; each takes many commits for one statement. */
export class CommitQueries {
  constructor(private readonly db: Database) {}

  branches(keys: readonly CommitKey[]): Promise<string[][]> {
    return this.names(
      keys,
      `select place::int, b.name from ${KEYS} join branches b on b.repository_id = k.repository and b.head_sha = k.sha`,
    );
  }

  tags(keys: readonly CommitKey[]): Promise<string[][]> {
    return this.names(keys, `select place::int, t.name from ${KEYS} join tags t on t.repository_id = k.repository and t.sha = k.sha`);
  }

  /** Of the pull request whose head the commit is, or that its message names. */
  async pullRequestNumbers(keys: readonly CommitKey[]): Promise<(number | null)[]> {
    const rows = await this.db.query<Placed<{ number: number }>>(
      `select k.place::int, max(p.number) as number from ${KEYS} join pull_requests p on p.repository_id = k.repository and p.head_sha = k.sha group by 1`,
      columnsOf(keys),
    );
    const found = oneEach(
      keys.map((_, n) => n + 1),
      rows,
      (row) => row.place,
    );
    return keys.map((key, n) => found[n]?.number ?? pullRequestNumberIn(key.message));
  }

  private async names(keys: readonly CommitKey[], sql: string): Promise<string[][]> {
    const rows = await this.db.query<Placed<{ name: string }>>(`${sql} order by name collate "C"`, columnsOf(keys));
    return placed(keys, rows).map((ofKey) => ofKey.map((row) => row.name));
  }
}
