import { forkOf } from '../fork-rule.js';
import type { PullRequestFacts } from '../pull-request-facts.js';

type Repository = { full_name: string; links?: { html: { href: string } } | undefined };

/** A pull request as Bitbucket Cloud describes it in lists and webhooks. */
export type CloudPull = {
  id: number;
  title: string;
  state: string;
  author?: { nickname?: string | undefined; display_name?: string | undefined } | null | undefined;
  source: { branch: { name: string }; repository?: Repository | null | undefined };
  destination: { branch: { name: string }; repository?: Repository | null | undefined };
  updated_on: string | Date;
  links?: { html: { href: string } } | undefined;
};

/** @param base the repository that it is to be merged into, where `destination` does not name it */
export function factsOf(pull: CloudPull, headSha: string, base?: Repository): PullRequestFacts {
  const from = pull.source.repository;
  const baseId = (pull.destination.repository ?? base)?.full_name;
  const fork = forkOf({ headId: from?.full_name, baseId, name: from?.full_name, ref: pull.source.branch.name });
  return {
    number: pull.id,
    title: pull.title,
    author: pull.author?.nickname ?? pull.author?.display_name ?? 'ghost',
    url: pull.links?.html.href ?? null,
    state: pull.state === 'MERGED' ? 'merged' : pull.state === 'OPEN' ? 'open' : 'closed',
    sourceBranch: pull.source.branch.name,
    sourceRepository: fork,
    // The host has no refs for pull requests.
    sourceUrl: fork && from?.links ? `${from.links.html.href}.git` : null,
    baseBranch: pull.destination.branch.name,
    headSha,
    updatedAt: new Date(pull.updated_on),
  };
}
