import { forkOf } from '../fork-rule.js';
import type { PullRequestFacts } from '../pull-request-facts.js';

type Side = { ref: string; label?: string | null | undefined; repo?: { id: number; full_name: string } | null | undefined };

/** A pull request as GitHub, Gitea and Forgejo describe it in lists and webhooks. */
export type HubPull = {
  number: number;
  title: string;
  user?: { login: string } | null | undefined;
  html_url?: string | null | undefined;
  state: string;
  merged?: boolean | null | undefined;
  merged_at?: string | null | undefined;
  updated_at: string | Date;
  head: Side & { sha: string };
  base: Side;
};

export function factsOf(pull: HubPull): PullRequestFacts {
  const { head, base } = pull;
  return {
    number: pull.number,
    title: pull.title,
    author: pull.user?.login ?? 'ghost',
    url: pull.html_url ?? null,
    state: pull.state === 'open' ? 'open' : pull.merged || pull.merged_at ? 'merged' : 'closed',
    sourceBranch: head.ref,
    sourceRepository: forkOf({
      headId: head.repo?.id,
      baseId: base.repo?.id,
      name: head.repo?.full_name,
      owner: head.label?.split(':')[0],
      ref: head.ref,
    }),
    sourceUrl: null,
    baseBranch: base.ref,
    headSha: head.sha,
    updatedAt: new Date(pull.updated_at),
  };
}
