import type { RunState } from '../../build/runs/run-state.js';
import { workedMs } from '../../build/runs/worked-time.js';
import type { Database, Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import type { StatusState } from '../code-hosts/status.js';
import { contextOf, shortened, statusOf } from './commit-status.js';
import type { CommitStatuses } from './ports.js';

type RunRow = {
  id: string;
  repositoryId: string;
  repository: string;
  sha: string;
  ref: string;
  state: RunState;
  problem: string | null;
  total: number;
  passed: number;
  failed: number;
  durationMs: number | null;
};

type Wanted = {
  repositoryId: string;
  sha: string;
  context: string;
  state: StatusState;
  description: string;
  runId: string | null;
};

/**
 * Records the status to report, in the transaction that makes it true. Only for repositories at a host with an API; a deployment, a rollback or a run
 * of a part of the pipeline says nothing about its commit.
 */
export class WantedStatuses implements CommitStatuses {
  /** @param wake after a commit that left something to tell */
  constructor(private readonly wake: () => void) {}

  /** Is called for every run that a transaction changes, before it commits. @returns a function that ends it */
  listen(database: Database): () => void {
    return database.onCommitting('run', (tx, runIds) => this.runsChanged(tx, runIds));
  }

  async runsChanged(tx: Tx, runIds: readonly string[]): Promise<void> {
    const told = (await tx.query<{ id: string }>(TOLD_RUNS, [runIds])).map(({ id }) => id);
    if (told.length === 0) return;
    // First the rows, then the runs as they are by then: whoever comes last has seen all that was committed before.
    await tx.query('select from commit_statuses where run_id = any($1) order by id for update', [told]);
    for (const run of await tx.query<RunRow>(RUNS, [told])) {
      const { repositoryId, sha } = run;
      await this.want(tx, { repositoryId, sha, context: contextOf(run.repository, run.ref), runId: run.id, ...statusOf(factsOf(run)) });
    }
  }

  async wantConflict(tx: Tx, of: { repositoryId: string; headSha: string; message: string }): Promise<void> {
    const [repository] = await tx.query<{ name: string }>(
      `select r.name from repositories r join mirrors m on m.repository_id = r.id where r.id = $1 and ${TOLD}`,
      [of.repositoryId],
    );
    if (!repository) return;
    const context = contextOf(repository.name, 'refs/pull/');
    const description = shortened(of.message);
    await this.want(tx, { repositoryId: of.repositoryId, sha: of.headSha, context, state: 'failure', description, runId: null });
  }

  private async want(tx: Tx, wanted: Wanted): Promise<void> {
    const { repositoryId, sha, context, state, description, runId } = wanted;
    const changed = await tx.query(UPSERT, [newId(), repositoryId, sha, context, state, description, runId]);
    if (changed.length > 0) tx.afterCommit(this.wake);
  }
}

const TOLD = `m.api_url is not null and m.credential_kind in ('token', 'password')`;

const TOLD_RUNS = /* sql */ `select u.id from runs u join mirrors m on m.repository_id = u.repository_id
  where u.id = any($1) and u.trigger in ('push', 'pull_request', 'manual') and not u.partial and ${TOLD}`;

const factsOf = ({ state, problem, total, passed, failed, durationMs }: RunRow) => ({
  state,
  problem,
  jobs: { total, passed, failed },
  durationMs,
});

/** Jobs that the event did not need are not counted. */
const RUNS = /* sql */ `
  select u.id, u.repository_id as "repositoryId", r.name as repository, coalesce(u.head_sha, u.commit_sha) as sha,
    coalesce(u.ref, 'refs/heads/' || u.branch) as ref, u.state, u.problems->0->>'message' as problem,
    (select count(*)::int from jobs j where j.run_id = u.id and j.is_current and j.state <> 'skipped') as total,
    (select count(*)::int from jobs j where j.run_id = u.id and j.is_current and j.state = 'succeeded') as passed,
    (select count(*)::int from jobs j where j.run_id = u.id and j.is_current and j.state in ('failed', 'timed_out')) as failed,
    case when u.finished_at is not null then ${workedMs('u.id')} end as "durationMs"
  from runs u join repositories r on r.id = u.repository_id where u.id = any($1) order by u.id`;

/**
 * Of two runs at one commit the newer has the word, whatever the older still does: by their numbers, as ids follow the clocks of servers. What was not sent yet is replaced. Where sending fails,
 * the new state waits as long as the old one would have, unless it is the last one.
 */
const UPSERT = /* sql */ `
  insert into commit_statuses as s (id, repository_id, sha, context, state, description, run_id)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (repository_id, sha, context) do update set state = excluded.state, description = excluded.description, run_id = excluded.run_id,
    version = s.version + 1, updated_at = clock_timestamp(),
    next_try_at = case when s.error is null or excluded.state not in ('pending', 'running') then clock_timestamp() else s.next_try_at end
  where (s.state, s.description, s.run_id) is distinct from (excluded.state, excluded.description, excluded.run_id)
    and (s.run_id is null or excluded.run_id is null
      or (select number from runs where id = s.run_id) <= (select number from runs where id = excluded.run_id))
  returning s.id`;
