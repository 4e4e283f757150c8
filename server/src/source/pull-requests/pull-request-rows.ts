import type { Database, Tx } from '../../platform/database.js';
import type { MergeState, PullRequestState } from './pull-request.js';

export type PullRequestRow = {
  id: string;
  repositoryId: string;
  projectId: string;
  number: number;
  state: PullRequestState;
  sourceBranch: string;
  isFork: boolean;
  baseBranch: string;
  headSha: string;
  baseSha: string | null;
  mergeSha: string | null;
  mergeState: MergeState;
  conflicts: string[];
  approvedSha: string | null;
  /** Where the base branch stands here; null: it is not here. */
  baseTip: string | null;
  /** Whether something was decided for this head and base. */
  decided: boolean;
  /** Whether it was as it is when the repository was added here. */
  isImported: boolean;
};

const SELECT = /* sql */ `
  select p.id, p.repository_id as "repositoryId", r.project_id as "projectId", p.number, p.state, p.source_branch as "sourceBranch",
    p.is_fork as "isFork", p.base_branch as "baseBranch", p.head_sha as "headSha", p.base_sha as "baseSha", p.merge_sha as "mergeSha",
    p.merge_state as "mergeState", p.conflicts, p.approved_sha as "approvedSha", b.head_sha as "baseTip",
    exists (select from pull_request_builds d where d.pull_request_id = p.id and d.head_sha = p.head_sha and d.base_branch = p.base_branch) as decided,
    p.updated_at < r.created_at as "isImported"
  from pull_requests p join repositories r on r.id = p.repository_id
    left join branches b on b.repository_id = p.repository_id and b.name = p.base_branch
  where p.id = $1`;

/** One that is gone throws: its repository was removed meanwhile. */
export async function readPullRequest(from: Pick<Database, 'query'>, id: string): Promise<PullRequestRow> {
  const [row] = await from.query<PullRequestRow>(SELECT, [id]);
  if (!row) throw new Error(`Pull request ${id} is gone.`);
  return row;
}

/** Pull request, then run, then job: nobody who holds a run asks for its pull request. */
export async function lockPullRequest(tx: Tx, id: string): Promise<PullRequestRow> {
  await tx.query('select from pull_requests where id = $1 for no key update', [id]);
  return readPullRequest(tx, id);
}
