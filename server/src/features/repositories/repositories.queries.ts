import type { Database } from '../../platform/database.js';
import { manyEach, oneEach } from '../../platform/graphql/batch.js';
import { type Connection, cursorKey, pageOf } from '../../platform/graphql/connection.js';
import type { GraphContext } from '../../platform/http/context.js';
import type { BranchType } from './branch.type.js';
import type { CommitType } from './commits/commit.type.js';
import type { RepositoryType } from './repository.type.js';

const REPOSITORY = `select r.id, r.name, r.default_branch as "defaultBranch", r.project_id as "projectId", p.name as "projectName"
  from repositories r join projects p on p.id = r.project_id`;

/** Rows are plain: the type's fields without its class. */
type Plain<T> = { [K in keyof T]: T[K] };
type Branch = Plain<BranchType>;
type Commit = Plain<CommitType>;
type Repository = Plain<RepositoryType>;

/** Read models of repositories, their branches and commits. Loaders live as long as the request's context. */
export class RepositoryQueries {
  constructor(private readonly db: Database) {}

  repository(context: GraphContext, id: string): Promise<Repository | null> {
    return context
      .loader<string, Repository | null>('repository', async (ids) =>
        oneEach(ids, await this.db.query<Repository>(`${REPOSITORY} where r.id = any($1)`, [ids]), (row) => row.id),
      )
      .load(id);
  }

  repositoriesOfProject(context: GraphContext, projectId: string): Promise<Repository[]> {
    return context
      .loader<string, Repository[]>('repositoriesOfProject', async (ids) =>
        manyEach(
          ids,
          await this.db.query<Repository>(`${REPOSITORY} where r.project_id = any($1) order by r.name`, [ids]),
          (row) => row.projectId,
        ),
      )
      .load(projectId);
  }

  commit(context: GraphContext, repositoryId: string, sha: string): Promise<Commit | null> {
    return context.loader<string, Commit | null>('commit', (keys) => this.commits(keys)).load(`${repositoryId} ${sha}`);
  }

  /** By name, in the order of their bytes: what a cursor names stays in its place while branches come and go. */
  async branches(repository: Repository, first: number, after: string | null | undefined): Promise<Connection<Branch>> {
    const rows = await this.db.query<Branch>(
      `select id, name, updated_at as "updatedAt", name = $4 as "isDefault", repository_id as "repositoryId", head_sha as "headSha"
       from branches where repository_id = $1 and ($2::text is null or name collate "C" > $2) order by name collate "C" limit $3`,
      [repository.id, cursorKey(after), first + 1, repository.defaultBranch ?? ''],
    );
    return pageOf(rows, first, (branch) => branch.name);
  }

  /** Id of the newest run of a branch. */
  lastRunId(context: GraphContext, branch: Branch): Promise<string | null> {
    return context
      .loader<string, string | null>('lastRunOfBranch', (keys) => this.lastRuns(keys))
      .load(`${branch.repositoryId} ${branch.name}`);
  }

  private async commits(keys: readonly string[]): Promise<(Commit | null)[]> {
    const rows = await this.db.query<Omit<Commit, 'shortSha' | 'subject'> & { repositoryId: string }>(
      `select repository_id as "repositoryId", sha, message, author_name as "authorName", author_email as "authorEmail",
         committed_at as "committedAt", parents
       from commits join unnest($1::uuid[], $2::text[]) as k (r, s) on repository_id = k.r and sha = k.s`,
      columnsOf(keys),
    );
    const found = new Map(rows.map(({ repositoryId, ...commit }) => [`${repositoryId} ${commit.sha}`, asCommit(commit)]));
    return keys.map((key) => found.get(key) ?? null);
  }

  private async lastRuns(keys: readonly string[]): Promise<(string | null)[]> {
    const rows = await this.db.query<{ key: string; id: string }>(
      `select k.r || ' ' || k.b as key, run.id
       from unnest($1::uuid[], $2::text[]) as k (r, b),
         lateral (select id from runs where repository_id = k.r and branch = k.b and pull_request_id is null order by id desc limit 1) run`,
      columnsOf(keys),
    );
    const found = new Map(rows.map((row) => [row.key, row.id]));
    return keys.map((key) => found.get(key) ?? null);
  }
}

/** Keys `<uuid> <name>` as two columns. */
function columnsOf(keys: readonly string[]): [string[], string[]] {
  return [keys.map((key) => key.slice(0, 36)), keys.map((key) => key.slice(37))];
}

function asCommit(row: Omit<Commit, 'shortSha' | 'subject'>): Commit {
  return { ...row, shortSha: row.sha.slice(0, 7), subject: row.message.split('\n', 1)[0] ?? '' };
}
