import type { PullRequestFacts } from '../code-hosts/pull-request-facts.js';
import type { Mirrors } from '../mirrors/ports.js';
import { cancelSuperseded } from './cancel-superseded.js';
import type { PullRequests } from './ports.js';
import { recordPullRequest } from './record-pull-request.js';
import { type SettleDeps, settlePullRequest } from './settle-pull-request.js';
import { withWholeSha } from './whole-sha.js';

export type PullRequestNewsDeps = SettleDeps & { mirrors: Pick<Mirrors, 'fetchNow'> };

/** See {@link PullRequests}. News of one pull request is processed one after the other here; the rows protect against other servers. */
export class PullRequestNews implements PullRequests {
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(private readonly deps: PullRequestNewsDeps) {}

  changed(repositoryId: string, facts: PullRequestFacts): Promise<string> {
    return this.take(repositoryId, facts, () => this.deps.mirrors.fetchNow(repositoryId));
  }

  /** As `changed`, for news that come right after a fetch: the base is here. */
  seen(repositoryId: string, facts: PullRequestFacts): Promise<string> {
    return this.take(repositoryId, facts, async () => undefined);
  }

  private async take(repositoryId: string, facts: PullRequestFacts, fetchBase: () => Promise<void>): Promise<string> {
    const id = await recordPullRequest(this.deps.database, repositoryId, await withWholeSha(this.deps, repositoryId, facts));
    if (id === null) return `Ignored: it is older than what Slipway already knows about pull request #${facts.number}.`;
    if (facts.state !== 'open') return this.settle(id);
    return this.alone(id, async () => {
      // Not after waiting for the host, which may be away.
      await cancelSuperseded(this.deps, id);
      await fetchBase();
      return settlePullRequest(this.deps, id);
    });
  }

  /** Makes true what follows from what is known. May be repeated. @throws DomainError when the head can't be had */
  settle(id: string): Promise<string> {
    return this.alone(id, () => settlePullRequest(this.deps, id));
  }

  private alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.queues.get(id) ?? Promise.resolve();
    const result = before.then(work, work);
    this.queues.set(id, result);
    const done = () => {
      if (this.queues.get(id) === result) this.queues.delete(id);
    };
    result.then(done, done);
    return result;
  }
}
