import { z } from 'zod';
import { ownerAndName } from '../../repositories/call-host.js';
import { forkOf } from '../fork-rule.js';
import type { PullRequestFacts } from '../ports.js';
import type { HostList } from './host-list.js';

const PAGE = 50;

const REPOSITORY = z.object({ id: z.number().int(), slug: z.string(), project: z.object({ key: z.string() }) });
/** Of Bitbucket Data Center: "Get pull requests for repository", "Get pull request". Times are milliseconds. */
const PULL = z.object({
  id: z.number().int(),
  title: z.string(),
  author: z.object({ user: z.object({ name: z.string() }) }),
  links: z.object({ self: z.array(z.object({ href: z.string() })) }),
  state: z.string(),
  updatedDate: z.number(),
  fromRef: z.object({ displayId: z.string(), latestCommit: z.string(), repository: REPOSITORY }),
  toRef: z.object({ displayId: z.string(), repository: REPOSITORY }),
});
const LIST = z.object({ values: z.array(PULL), isLastPage: z.boolean(), nextPageStart: z.number().int().nullish() });

export const bitbucketServerList: HostList = {
  first: (path) => `${pullRequests(path)}?state=OPEN&limit=${PAGE}&start=0`,
  async page(_ask, _path, at, { body }) {
    const { values, isLastPage, nextPageStart } = LIST.parse(body);
    const next = isLastPage || nextPageStart == null ? null : at.replace(/start=\d+$/, `start=${nextPageStart}`);
    return { facts: values.map(factsOf), next };
  },
  async one(ask, path, number) {
    return factsOf(PULL.parse((await ask(`${pullRequests(path)}/${number}`)).body));
  },
};

function pullRequests(path: string): string {
  const { owner, name } = ownerAndName(path);
  return `/projects/${encodeURIComponent(owner)}/repos/${encodeURIComponent(name)}/pull-requests`;
}

function factsOf(pull: z.output<typeof PULL>): PullRequestFacts {
  const { repository } = pull.fromRef;
  return {
    number: pull.id,
    title: pull.title,
    author: pull.author.user.name,
    url: pull.links.self[0]?.href ?? null,
    state: pull.state === 'MERGED' ? 'merged' : pull.state === 'OPEN' ? 'open' : 'closed',
    sourceBranch: pull.fromRef.displayId,
    sourceRepository: forkOf({
      headId: repository.id,
      baseId: pull.toRef.repository.id,
      name: `${repository.project.key}/${repository.slug}`,
      ref: pull.fromRef.displayId,
    }),
    sourceUrl: null,
    baseBranch: pull.toRef.displayId,
    headSha: pull.fromRef.latestCommit,
    updatedAt: new Date(pull.updatedDate),
  };
}
