import type { Database } from '../../platform/database.js';
import { manyEach, oneEach } from '../../platform/graphql/batch.js';
import type { GraphContext } from '../../platform/http/context.js';
import type { MergeState, PullRequestState } from './pull-request.js';

export type PullRequestView = {
  id: string;
  repositoryId: string;
  number: number;
  title: string;
  author: string;
  url: string | null;
  state: PullRequestState;
  sourceBranch: string;
  sourceRepository: string | null;
  isFork: boolean;
  baseBranch: string;
  headSha: string;
  mergeSha: string | null;
  mergeState: MergeState;
  conflicts: string[];
  needsApproval: boolean;
  approvedById: string | null;
  approvedAt: Date | null;
  noRunReason: string | null;
  openedAt: Date;
  updatedAt: Date;
  closedAt: Date | null;
};

/** An approval is shown only while it counts: of another commit it says nothing. */
const SELECT = /* sql */ `
  select p.id, p.repository_id as "repositoryId", p.number, p.title, p.author, p.url, p.state, p.source_branch as "sourceBranch",
    p.source_repository as "sourceRepository", p.is_fork as "isFork", p.base_branch as "baseBranch", p.head_sha as "headSha",
    p.merge_sha as "mergeSha", p.merge_state as "mergeState", p.conflicts,
    p.state = 'open' and p.is_fork and p.approved_sha is distinct from p.head_sha as "needsApproval",
    case when p.approved_sha = p.head_sha then p.approved_by end as "approvedById",
    case when p.approved_sha = p.head_sha then p.approved_at end as "approvedAt",
    d.no_run_message as "noRunReason", p.opened_at as "openedAt", p.updated_at as "updatedAt", p.closed_at as "closedAt"
  from pull_requests p left join pull_request_builds d
    on d.pull_request_id = p.id and d.head_sha = p.head_sha and d.base_branch = p.base_branch`;

/** Read models of pull requests. */
export class PullRequestQueries {
  constructor(private readonly database: Database) {}

  /** Batched with all others of the request. null when the id is. */
  async load(context: GraphContext, id: string | null): Promise<PullRequestView | null> {
    return id === null ? null : context.loader('pullRequest', (ids: readonly string[]) => this.byIds(ids)).load(id);
  }

  async byId(id: string): Promise<PullRequestView | null> {
    return (await this.byIds([id]))[0] ?? null;
  }

  /** Newest first. @param before number after which the page begins; one row more than `limit` is read, to know whether there are more */
  async ofRepositories(
    ids: readonly string[],
    state: PullRequestState | null,
    limit: number,
    before: number | null,
  ): Promise<PullRequestView[][]> {
    const rows = await this.database.query<PullRequestView>(
      `select page.* from unnest($1::uuid[]) as r (id) cross join lateral (
         ${SELECT} where p.repository_id = r.id and ($2::text is null or p.state = $2) and ($3::int is null or p.number < $3)
         order by p.number desc limit $4) page`,
      [ids, state, before, limit + 1],
    );
    return manyEach(ids, rows, (row) => row.repositoryId);
  }

  /** By what people know it by. */
  numbered(context: GraphContext, repositoryId: string, number: number): Promise<PullRequestView | null> {
    const load = async (ids: readonly string[]) =>
      oneEach(
        ids,
        await this.database.query<PullRequestView>(`${SELECT} where p.repository_id = any($1) and p.number = $2`, [ids, number]),
        (row) => row.repositoryId,
      );
    return context.loader(`repository.pullRequest ${number}`, load).load(repositoryId);
  }

  /** Ids of runs, newest first. */
  runIds(context: GraphContext, pullRequestId: string, first: number): Promise<string[]> {
    return context.loader(`pullRequest.runIds ${first}`, (ids: readonly string[]) => this.runIdsOf(ids, first)).load(pullRequestId);
  }

  /** Of runs, what is not shown of all of them: the pull request each is of. */
  ofRun(context: GraphContext, runId: string): Promise<string | null> {
    return context.loader('run.pullRequest', (ids: readonly string[]) => this.idsOfRuns(ids)).load(runId);
  }

  private async byIds(ids: readonly string[]): Promise<(PullRequestView | null)[]> {
    return oneEach(ids, await this.database.query<PullRequestView>(`${SELECT} where p.id = any($1)`, [ids]), (row) => row.id);
  }

  private async runIdsOf(ids: readonly string[], first: number): Promise<string[][]> {
    const rows = await this.database.query<{ pullRequestId: string; id: string }>(
      `select p.id as "pullRequestId", r.id from unnest($1::uuid[]) as p (id) cross join lateral (
         select id from runs where pull_request_id = p.id order by id desc limit $2) r`,
      [ids, first],
    );
    return manyEach(ids, rows, (row) => row.pullRequestId).map((found) => found.map(({ id }) => id));
  }

  private async idsOfRuns(runIds: readonly string[]): Promise<(string | null)[]> {
    const rows = await this.database.query<{ id: string; pullRequestId: string | null }>(
      'select id, pull_request_id as "pullRequestId" from runs where id = any($1)',
      [runIds],
    );
    return oneEach(runIds, rows, (row) => row.id).map((row) => row?.pullRequestId ?? null);
  }
}
