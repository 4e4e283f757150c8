import { shorten } from '@slipway/protocol';
import type { Database, Tx } from '../../platform/database.js';
import { forgetDeadLetter, setAside } from '../../platform/dead-letters.js';
import type { StatusState } from '../code-hosts/status.js';

/** Longer than a request may take, so that a second one never overtakes it; what a killed server had under way is sent again then. */
const SENDING_MS = 60_000;
/** Of a request without an answer nothing is on its way any more. */
const AGAIN_MS = 60_000;
/** After this long without success a status is of no use to anybody. */
const GIVE_UP = '14 days';
const MOST_AT_ONCE = 100;

export type DueStatus = { id: string; repositoryId: string; apiUrl: string };
export type ClaimedStatus = {
  id: string;
  repositoryId: string;
  project: string;
  repository: string;
  sha: string;
  context: string;
  state: StatusState;
  description: string;
  version: number;
  tries: number;
  runNumber: number | null;
};

/** Of `commit_statuses s`. */
export const UNSENT = `s.version > s.sent_version and s.updated_at > clock_timestamp() - interval '${GIVE_UP}'`;

/** The rows of the statuses to report, and of what was reported. */
export class StatusRows {
  constructor(private readonly database: Database) {}

  /** @param not hosts to leave out for now */
  due(not: readonly string[]): Promise<DueStatus[]> {
    return this.database.query<DueStatus>(
      `select s.id, s.repository_id as "repositoryId", m.api_url as "apiUrl" from commit_statuses s join mirrors m on m.repository_id = s.repository_id
       where ${UNSENT} and s.next_try_at <= clock_timestamp() and (s.sending_until is null or s.sending_until <= clock_timestamp())
         and m.api_url is not null and m.api_url <> all($1)
       order by s.next_try_at limit ${MOST_AT_ONCE}`,
      [not],
    );
  }

  /** Milliseconds until one is due; null when nothing is unsent. */
  async nextDueMs(): Promise<number | null> {
    const [row] = await this.database.query<{ ms: number | null }>(
      `select (extract(epoch from min(greatest(s.next_try_at, s.sending_until)) - clock_timestamp()) * 1000)::float8 as ms
       from commit_statuses s join mirrors m on m.repository_id = s.repository_id where ${UNSENT} and m.api_url is not null`,
    );
    return row?.ms ?? null;
  }

  /** Takes a row for sending, as it is by now; null when another server has it, or nothing is left to tell. */
  async claim(id: string): Promise<ClaimedStatus | null> {
    const [row] = await this.database.query<ClaimedStatus>(
      `update commit_statuses s set sending_until = clock_timestamp() + interval '${SENDING_MS} ms', tries = s.tries + 1,
         unsure = s.unsure or s.sending_until is not null
       from repositories r join projects p on p.id = r.project_id
       where s.id = $1 and r.id = s.repository_id and ${UNSENT} and s.next_try_at <= clock_timestamp()
         and (s.sending_until is null or s.sending_until <= clock_timestamp())
       returning s.id, s.repository_id as "repositoryId", p.name as project, r.name as repository, s.sha, s.context, s.state, s.description,
         s.version, s.tries, (select number from runs where id = s.run_id) as "runNumber"`,
      [id],
    );
    return row ?? null;
  }

  /**
   * The host has this version; a newer one is due at once. After a request that nobody knows the end of, the newest state is told a second
   * time when that request must be over: it may have come last.
   */
  async told({ id, version }: ClaimedStatus): Promise<void> {
    await this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ runId: string | null }>(
        `update commit_statuses set sent_version = greatest(sent_version, $2), sent_at = clock_timestamp(), sending_until = null, tries = 0,
           error = null, unsure = false, version = case when unsure then version + 1 else version end,
           next_try_at = clock_timestamp() + case when unsure and version = $2 then interval '${AGAIN_MS} ms' else interval '0' end
         where id = $1 returning run_id as "runId"`,
        [id, version],
      );
      await forgetDeadLetter(tx, 'commit_status', id);
      if (row?.runId) tx.changed('run', row.runId);
    });
  }

  /** It is reported when there is a newer state, or when somebody tries it again. */
  async setAside(id: string, repositoryId: string, error: unknown, tries: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ context: string; sha: string }>(
        `update commit_statuses set sending_until = null, next_try_at = clock_timestamp() + interval '${GIVE_UP}' where id = $1 returning context, sha`,
        [id],
      );
      if (!row) return;
      const about = `Status "${row.context}" of commit ${shorten(row.sha, 7)}`;
      await setAside(tx, { kind: 'commit_status', key: id, about, repositoryId }, error, tries);
    });
  }

  async failed({ id }: ClaimedStatus, { message, isUnsure }: { message: string; isUnsure: boolean }, retryMs: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ runId: string | null }>(
        `update commit_statuses set sending_until = null, error = $2, unsure = unsure or $4, next_try_at = clock_timestamp() + $3::float8 * interval '1 ms'
         where id = $1 returning run_id as "runId"`,
        [id, message, retryMs, isUnsure],
      );
      if (row?.runId) tx.changed('run', row.runId);
    });
  }

  /** Another credential or address: what was refused may be taken now. */
  async tryAgain(repositoryId: string): Promise<void> {
    await this.database.query(
      'update commit_statuses set next_try_at = clock_timestamp(), tries = 0 where repository_id = $1 and version > sent_version',
      [repositoryId],
    );
  }
}

export async function retryStatus(tx: Tx, id: string): Promise<void> {
  await tx.query('update commit_statuses set next_try_at = clock_timestamp(), updated_at = clock_timestamp(), tries = 0 where id = $1', [
    id,
  ]);
}
