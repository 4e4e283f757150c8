import type { Database } from '../../../platform/database.js';
import type { NoRunReason } from './push-rows.js';
import type { PushCause } from './receive-journal.js';

export type PushView = {
  id: string;
  repositoryId: string;
  ref: string;
  oldSha: string;
  newSha: string;
  commits: number;
  cause: PushCause;
  forced: boolean;
  pushedAt: Date;
  pushedById: string | null;
  noRun: NoRunReason | null;
};

const COLUMNS = `id, repository_id as "repositoryId", ref, old_sha as "oldSha", new_sha as "newSha", commits, cause, forced, pushed_at as "pushedAt",
  pushed_by as "pushedById", case when no_run_code is not null then jsonb_build_object('code', no_run_code, 'message', no_run_message) end as "noRun"`;

/** Read models of pushes. Their ids are in the order of the journal, as they are made one after the other. */
export class PushQueries {
  constructor(private readonly db: Database) {}

  /**
   * Newest first, one more than `limit`, to know whether there are more.
   * @param of null: whichever
   * @param before id of the push after which the page begins
   */
  ofRepository(
    repositoryId: string,
    of: { ref: string | null; newSha: string | null },
    limit: number,
    before: string | null,
  ): Promise<PushView[]> {
    return this.db.query<PushView>(
      `select ${COLUMNS} from pushes where repository_id = $1 and ($2::text is null or ref = $2) and ($3::text is null or new_sha = $3)
         and ($4::uuid is null or id < $4)
       order by id desc limit $5`,
      [repositoryId, of.ref, of.newSha, before, limit + 1],
    );
  }
}
