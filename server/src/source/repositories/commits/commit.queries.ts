import type { Database } from '../../../platform/database.js';
import { manyEach, oneEach } from '../../../platform/graphql/batch.js';
import { pullRequestNumberIn } from './pull-request-number.js';

export type CommitKey = { repositoryId: string; sha: string; message: string };
export type CommitEnvironmentView = { environmentId: string; isLive: boolean; reachedAt: Date | null };

const KEYS = 'unnest($1::uuid[], $2::text[]) with ordinality as k (repository, sha, place)';
type Placed<T> = T & { place: number };

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

  /** Where a release made at the commit serves, or once was deployed; live ones first, then the newest. */
  async environments(keys: readonly CommitKey[]): Promise<CommitEnvironmentView[][]> {
    const rows = await this.db.query<Placed<CommitEnvironmentView>>(
      `select place, "environmentId", bool_or(live) as "isLive", max(reached) as "reachedAt" from (
         select k.place::int, e.id as "environmentId", e.current_release_id = r.id as live, d.finished_at as reached
         from ${KEYS} join releases r on r.repository_id = k.repository and r.commit_sha = k.sha
           join deployments d on d.release_id = r.id and d.state = 'succeeded'
           join environments e on e.id = d.environment_id and e.state <> 'deleted'
         union all
         select k.place::int, e.id, true, null from ${KEYS} join releases r on r.repository_id = k.repository and r.commit_sha = k.sha
           join environments e on e.project_id = r.project_id and e.current_release_id = r.id and e.state <> 'deleted') reached
       group by 1, 2 order by 3 desc, 4 desc nulls first`,
      columnsOf(keys),
    );
    return placed(keys, rows);
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

const columnsOf = (keys: readonly CommitKey[]): [string[], string[]] => [keys.map((key) => key.repositoryId), keys.map((key) => key.sha)];

const placed = <T>(keys: readonly CommitKey[], rows: readonly Placed<T>[]): Placed<T>[][] =>
  manyEach(
    keys.map((_, n) => n + 1),
    rows,
    (row) => row.place,
  );
