import type { Database } from '../../platform/database.js';
import type { PullRequestFacts } from '../code-hosts/pull-request-facts.js';
import type { Mirrors } from '../mirrors/ports.js';

const WHOLE = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

export type WholeShaDeps = { database: Database; mirrors: Pick<Mirrors, 'fetchPullRequestHead'> };

/**
 * The facts with the head's whole sha: what is known already, or else what the host has. One that was over before it was known is
 * never built, so its first digits do.
 * @throws DomainError when the head can't be had
 */
export async function withWholeSha(deps: WholeShaDeps, repositoryId: string, facts: PullRequestFacts): Promise<PullRequestFacts> {
  if (WHOLE.test(facts.headSha)) return facts;
  const [known] = await deps.database.query<{ headSha: string }>(
    'select head_sha as "headSha" from pull_requests where repository_id = $1 and number = $2',
    [repositoryId, facts.number],
  );
  if (known?.headSha.startsWith(facts.headSha)) return { ...facts, headSha: known.headSha };
  if (facts.state !== 'open') return { ...facts, headSha: known?.headSha ?? facts.headSha };
  return { ...facts, headSha: await deps.mirrors.fetchPullRequestHead(repositoryId, facts) };
}
