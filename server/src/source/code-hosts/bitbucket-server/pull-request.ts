import { forkOf } from '../fork-rule.js';
import type { PullRequestFacts } from '../pull-request-facts.js';

type Repository = { id: number; slug: string; project: { key: string } };

/** A pull request as Bitbucket Data Center describes it in lists and webhooks. */
export type ServerPull = {
  id: number;
  title: string;
  state: string;
  author?: { user: { name: string } } | null | undefined;
  links?: { self: { href: string }[] } | undefined;
  updatedDate: number | Date;
  fromRef: { displayId: string; latestCommit: string; repository: Repository };
  toRef: { displayId: string; repository: Repository };
};

export function factsOf(pull: ServerPull): PullRequestFacts {
  const { fromRef, toRef } = pull;
  return {
    number: pull.id,
    title: pull.title,
    author: pull.author?.user.name ?? 'ghost',
    url: pull.links?.self[0]?.href ?? null,
    state: pull.state === 'MERGED' ? 'merged' : pull.state === 'OPEN' ? 'open' : 'closed',
    sourceBranch: fromRef.displayId,
    sourceRepository: forkOf({
      headId: fromRef.repository.id,
      baseId: toRef.repository.id,
      name: nameOf(fromRef.repository),
      ref: fromRef.displayId,
    }),
    sourceUrl: null,
    baseBranch: toRef.displayId,
    headSha: fromRef.latestCommit,
    updatedAt: new Date(pull.updatedDate),
  };
}

export const nameOf = ({ project, slug }: Repository): string => `${project.key}/${slug}`;
