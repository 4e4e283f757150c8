import type { Database } from '../../../platform/database.js';
import { notFound } from '../../../platform/errors.js';
import { type Connection, cursorKey, pageOf } from '../../../platform/graphql/connection.js';
import { findRef } from '../named-ref.js';
import type { RepositoryStore } from '../repository-store.js';
import type { NewCommit } from './commit-log.js';
import { asCommit, type CommitView } from './commit-view.js';
import { positionKey, positionOf, walkCommits } from './walk-commits.js';

export type HistoryQuery = { ref: string | null; first: number; after: string | null; query: string | null };

const SHA = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** Pages of history, read from git: no row is needed for each commit that a branch reaches. */
export class CommitHistory {
  constructor(
    private readonly db: Database,
    private readonly store: Pick<RepositoryStore, 'folder'>,
  ) {}

  /** @param ref a branch, a tag, a whole ref or the sha of a commit; null: the default branch. An empty repository has an empty history. */
  async page(repositoryId: string, { ref, first, after, query }: HistoryQuery): Promise<Connection<CommitView>> {
    const key = cursorKey(after);
    const tip = key === null ? await this.tip(repositoryId, ref) : null;
    if (key === null && tip === null) return pageOf<CommitView>([], first, () => '');
    const from = key === null ? { shas: [tip ?? ''], skip: 0 } : positionOf(key);
    if (from.shas.length === 0) return pageOf<CommitView>([], first, () => '');
    const { found, next } = await walkCommits(this.store.folder(repositoryId), from, first, query ? matcherOf(query) : null);
    const page = pageOf(found, first, ({ after: position }) => positionKey(position));
    const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: asCommit({ ...node.commit, repositoryId }) }));
    return { edges, pageInfo: { hasNextPage: next !== null, endCursor: next ? cursorAt(next) : page.pageInfo.endCursor } };
  }

  private async tip(repositoryId: string, ref: string | null): Promise<string | null> {
    const found = await findRef(this.db, repositoryId, ref);
    if (found) return found.sha;
    if (ref === null) return null;
    const [commit] = SHA.test(ref)
      ? await this.db.query<{ sha: string }>('select sha from commits where repository_id = $1 and sha = $2', [repositoryId, ref])
      : [];
    if (!commit) throw notFound('ref', ref);
    return commit.sha;
  }
}

const cursorAt = (position: Parameters<typeof positionKey>[0]): string | null =>
  pageOf([position], 1, positionKey).edges[0]?.cursor ?? null;

/** Words of the message or the author, or the beginning of the sha. */
function matcherOf(query: string): (commit: NewCommit) => boolean {
  const wanted = query.trim().toLowerCase();
  return ({ sha, message, authorName, authorEmail }) =>
    sha.startsWith(wanted) || [message, authorName, authorEmail].some((text) => text.toLowerCase().includes(wanted));
}
