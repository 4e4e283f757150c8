import type { Database, Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import type { PullRequestFacts } from '../code-hosts/pull-request-facts.js';
import { isOldNews, type KnownState } from './pull-request.js';

/**
 * Records what a host says about a pull request. A new head or base makes the merge unknown again.
 * @returns its id; null when the news is older than what is known
 */
export function recordPullRequest(database: Database, repositoryId: string, facts: PullRequestFacts): Promise<string | null> {
  return database.transaction(async (tx) => {
    const known = await lockKnown(tx, repositoryId, facts.number);
    if (known && isOldNews(known, facts)) return null;
    const id = await writeFacts(tx, repositoryId, facts);
    tx.changed('repository', repositoryId);
    return id;
  });
}

/** The host knows no such pull request any more. */
export async function closeVanished(database: Database, repositoryId: string, number: number): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(
      `update pull_requests set state = 'closed', closed_at = clock_timestamp() where repository_id = $1 and number = $2 and state = 'open'`,
      [repositoryId, number],
    );
    tx.changed('repository', repositoryId);
  });
}

async function lockKnown(tx: Tx, repositoryId: string, number: number): Promise<KnownState | undefined> {
  // If two callers report a new one at the same time, the second waits here and then sees the first one's row.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, $2))', [repositoryId, number]);
  const [known] = await tx.query<KnownState>(
    'select state, updated_at as "updatedAt" from pull_requests where repository_id = $1 and number = $2 for no key update',
    [repositoryId, number],
  );
  return known;
}

/** It becomes a link, which must not be a script. */
const webPage = (url: string | null): string | null => (url !== null && /^https?:\/\//i.test(url) ? url : null);

async function writeFacts(tx: Tx, repositoryId: string, facts: PullRequestFacts): Promise<string> {
  const [row] = await tx.query<{ id: string }>(UPSERT, [
    newId(),
    repositoryId,
    facts.number,
    facts.title,
    facts.author,
    webPage(facts.url),
    facts.state,
    facts.sourceBranch,
    facts.sourceRepository,
    facts.sourceRepository !== null,
    facts.baseBranch,
    facts.headSha,
    facts.sourceUrl,
    facts.updatedAt.toISOString(),
  ]);
  if (!row) throw new Error(`Pull request ${facts.number} could not be written.`);
  return row.id;
}

const UPSERT = /* sql */ `
  insert into pull_requests as p (id, repository_id, number, title, author, url, state, source_branch, source_repository, is_fork, base_branch,
    head_sha, source_url, opened_at, updated_at, closed_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, case when $7 <> 'open' then $14::timestamptz end)
  on conflict (repository_id, number) do update set
    title = excluded.title, author = excluded.author, url = excluded.url, state = excluded.state, source_branch = excluded.source_branch,
    source_repository = excluded.source_repository, is_fork = excluded.is_fork, base_branch = excluded.base_branch,
    head_sha = excluded.head_sha, source_url = excluded.source_url, updated_at = excluded.updated_at,
    closed_at = case when excluded.state <> 'open' then coalesce(p.closed_at, excluded.closed_at) end,
    (base_sha, merge_sha, merge_state, conflicts) = (
      select case when same then p.base_sha end, case when same then p.merge_sha end,
        case when same then p.merge_state else 'unknown' end, case when same then p.conflicts else '{}' end
      from (select p.head_sha = excluded.head_sha and p.base_branch = excluded.base_branch as same) s)
  returning p.id`;
