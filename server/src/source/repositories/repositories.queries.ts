import type { Database } from '../../platform/database.js';
import { manyEach, oneEach } from '../../platform/graphql/batch.js';
import type { GraphContext } from '../../platform/http/context.js';
import { asCommit, type CommitFacts, type CommitView } from './commits/commit-view.js';
import type { RepositoryType } from './repository.type.js';

const REPOSITORY = `select r.id, r.name, r.default_branch as "defaultBranch", r.project_id as "projectId", p.name as "projectName"
  from repositories r join projects p on p.id = r.project_id`;

/** Rows are plain: the type's fields without its class. */
type Plain<T> = { [K in keyof T]: T[K] };
type Commit = CommitView;
type Repository = Plain<RepositoryType>;

/** Read models of repositories and their commits. Loaders live as long as the request's context. */
export class RepositoryQueries {
  constructor(private readonly db: Database) {}

  repository(context: GraphContext, id: string): Promise<Repository | null> {
    return context
      .loader<string, Repository | null>('repository', async (ids) =>
        oneEach(ids, await this.db.query<Repository>(`${REPOSITORY} where r.id = any($1)`, [ids]), (row) => row.id),
      )
      .load(id);
  }

  /** For what is read without a request. */
  async byId(id: string): Promise<Repository | null> {
    const [row] = await this.db.query<Repository>(`${REPOSITORY} where r.id = $1`, [id]);
    return row ?? null;
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

  /** A project has few repositories, and often all of them are asked for anyway. */
  async repositoryNamed(context: GraphContext, projectId: string, name: string): Promise<Repository | null> {
    return (await this.repositoriesOfProject(context, projectId)).find((repository) => repository.name === name) ?? null;
  }

  commit(context: GraphContext, repositoryId: string, sha: string): Promise<Commit | null> {
    return context.loader<string, Commit | null>('commit', (keys) => this.commits(keys)).load(`${repositoryId} ${sha}`);
  }

  private async commits(keys: readonly string[]): Promise<(Commit | null)[]> {
    const rows = await this.db.query<CommitFacts>(
      `select repository_id as "repositoryId", sha, message, author_name as "authorName", author_email as "authorEmail",
         committed_at as "committedAt", parents
       from commits join unnest($1::uuid[], $2::text[]) as k (r, s) on repository_id = k.r and sha = k.s`,
      columnsOf(keys),
    );
    const found = new Map(rows.map((row) => [`${row.repositoryId} ${row.sha}`, asCommit(row)]));
    return keys.map((key) => found.get(key) ?? null);
  }
}

/** Keys `<uuid> <name>` as two columns. */
function columnsOf(keys: readonly string[]): [string[], string[]] {
  return [keys.map((key) => key.slice(0, key.indexOf(' '))), keys.map((key) => key.slice(key.indexOf(' ') + 1))];
}
