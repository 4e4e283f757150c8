import { z } from 'zod';
import { ownerAndName } from '../api-root.js';
import type { HostPullRequests } from '../code-host.js';
import { factsOf } from './pull-request.js';

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

export const bitbucketServerList: Pick<HostPullRequests, 'first' | 'page' | 'one'> = {
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
  return `/projects/${owner}/repos/${name}/pull-requests`;
}
