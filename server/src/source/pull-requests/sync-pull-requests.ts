import type { Logger } from 'pino';
import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { askHost, HostRefused } from '../code-hosts/ask-host.js';
import { type HostFetch, HostSilent } from '../code-hosts/call-host.js';
import type { HostPullRequests, ListedFacts, Page } from '../code-hosts/code-host.js';
import { CODE_HOSTS } from '../code-hosts/code-hosts.js';
import type { PullRequestFacts } from '../code-hosts/pull-request-facts.js';
import type { AskHost } from '../code-hosts/requests.js';
import type { Mirrors } from '../mirrors/ports.js';
import { closeVanished } from './record-pull-request.js';

export type SyncDeps = {
  database: Database;
  mirrors: Pick<Mirrors, 'hostApi'>;
  pullRequests: { seen(repositoryId: string, facts: PullRequestFacts): Promise<string> };
  fetch: HostFetch;
  log: Pick<Logger, 'warn'>;
};

/** A thousand open ones are seen at each poll; more are for webhooks. */
const MOST_PAGES = 20;
/** How many pull requests that are no longer open are asked for individually at each poll. */
const MOST_ASKED_ONE_BY_ONE = 50;
const GONE: readonly number[] = [404, 410];

type Known = { number: number; headSha: string; baseBranch: string; updatedAt: Date };

/**
 * Finds what webhooks missed, or what hosts without webhooks never tell: reads the open pull requests of a repository at its host, and asks for
 * those that are open here alone. To be called after each poll,
 * once that has fetched.
 * @throws DomainError when the host can't be asked
 */
export async function syncPullRequests(deps: SyncDeps, repositoryId: string): Promise<void> {
  const api = await deps.mirrors.hostApi(repositoryId);
  if (!api) return;
  try {
    await sync(deps, repositoryId, CODE_HOSTS[api.host].pullRequests, askHost(deps.fetch, api), api.path);
  } catch (error) {
    if (error instanceof HostSilent || error instanceof HostRefused)
      throw new DomainError('unavailable', 'pull_requests_not_listed', error.message);
    throw error;
  }
}

async function sync(deps: SyncDeps, repositoryId: string, list: HostPullRequests, ask: AskHost, path: string): Promise<void> {
  const known = await knownOpen(deps.database, repositoryId);
  const askedAt = new Date();
  const { open, isComplete } = await readOpen(list, ask, path);
  for (const facts of open) if (isNew(known.get(facts.number), facts)) await tell(deps, repositoryId, dated(facts, askedAt));
  if (!isComplete) return;
  const seen = new Set(open.map(({ number }) => number));
  const gone = [...known.keys()].filter((number) => !seen.has(number));
  for (const number of gone.slice(0, MOST_ASKED_ONE_BY_ONE)) await askForOne(deps, repositoryId, number, () => list.one(ask, path, number));
}

async function askForOne(deps: SyncDeps, repositoryId: string, number: number, ask: () => Promise<ListedFacts>): Promise<void> {
  const askedAt = new Date();
  const facts = await ask().catch((error: unknown) => {
    if (error instanceof HostRefused && GONE.includes(error.status)) return null;
    throw error;
  });
  if (facts) await tell(deps, repositoryId, dated(facts, askedAt));
  else await closeVanished(deps.database, repositoryId, number);
}

async function readOpen(list: HostPullRequests, ask: AskHost, path: string): Promise<{ open: ListedFacts[]; isComplete: boolean }> {
  const open: ListedFacts[] = [];
  let at: string | null = list.first(path);
  for (let pages = 0; at !== null; pages++) {
    if (pages === MOST_PAGES) return { open, isComplete: false };
    const page: Page = await list.page(ask, path, at, await ask(at));
    open.push(...page.facts);
    at = page.next;
  }
  return { open, isComplete: true };
}

async function knownOpen(database: Database, repositoryId: string): Promise<Map<number, Known>> {
  const rows = await database.query<Known>(
    `select number, head_sha as "headSha", base_branch as "baseBranch", updated_at as "updatedAt" from pull_requests
     where repository_id = $1 and state = 'open' order by number`,
    [repositoryId],
  );
  return new Map(rows.map((row) => [row.number, row]));
}

const dated = (facts: ListedFacts, askedAt: Date): PullRequestFacts => ({ ...facts, updatedAt: facts.updatedAt ?? askedAt });

const isNew = (known: Known | undefined, { headSha, baseBranch, updatedAt }: ListedFacts): boolean =>
  known?.headSha !== headSha ||
  known.baseBranch !== baseBranch ||
  (updatedAt !== null && known.updatedAt.getTime() !== updatedAt.getTime());

/** One that can't be merged holds up no other: it is written down, and tried again. */
async function tell({ pullRequests, log }: SyncDeps, repositoryId: string, facts: PullRequestFacts): Promise<void> {
  try {
    await pullRequests.seen(repositoryId, facts);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    log.warn({ repository: repositoryId, pullRequest: facts.number, code: error.code }, error.message);
  }
}
