import type { Database } from '../../platform/database.js';
import { type CommitKey, columnsOf, KEYS, type Placed, placed } from '../../source/repositories/commits/commit-keys.js';

export type CommitEnvironmentView = { environmentId: string; isLive: boolean; reachedAt: Date | null };

/** Where commits have gone; takes many of them for one statement. */
export class CommitEnvironmentQueries {
  constructor(private readonly db: Database) {}

  /** Where a release made at the commit serves, or once was deployed; live ones first, then the newest. */
  async ofCommits(keys: readonly CommitKey[]): Promise<CommitEnvironmentView[][]> {
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
}
