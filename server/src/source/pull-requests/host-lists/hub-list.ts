import { z } from 'zod';
import { ownerAndName } from '../../repositories/call-host.js';
import { forkOf } from '../fork-rule.js';
import type { PullRequestFacts } from '../ports.js';
import { type HostList, nextCounted } from './host-list.js';

const PAGE = 50;

const REPOSITORY = z.object({ id: z.number().int(), full_name: z.string() });
/** Pull requests of GitHub and Gitea, which tell of them alike: "List pull requests", "Get a pull request". */
const PULL = z.object({
  number: z.number().int(),
  title: z.string(),
  user: z.object({ login: z.string() }).nullish(),
  html_url: z.string(),
  state: z.string(),
  merged_at: z.string().nullish(),
  updated_at: z.string(),
  /** The repository is null when the fork was deleted. */
  head: z.object({ ref: z.string(), sha: z.string(), label: z.string().nullish(), repo: REPOSITORY.nullish() }),
  base: z.object({ ref: z.string(), repo: REPOSITORY }),
});

export const hubList: HostList = {
  first: (path) => `${pulls(path)}?state=open&per_page=${PAGE}&limit=${PAGE}&page=1`,
  async page(_ask, _path, at, { body, hasNext }) {
    const rows = z.array(PULL).parse(body);
    return { facts: rows.map(factsOf), next: nextCounted(at, hasNext) };
  },
  async one(ask, path, number) {
    return factsOf(PULL.parse((await ask(`${pulls(path)}/${number}`)).body));
  },
};

function pulls(path: string): string {
  const { owner, name } = ownerAndName(path);
  return `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}/pulls`;
}

function factsOf(pull: z.output<typeof PULL>): PullRequestFacts {
  return {
    number: pull.number,
    title: pull.title,
    author: pull.user?.login ?? 'ghost',
    url: pull.html_url,
    state: pull.merged_at ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
    sourceBranch: pull.head.ref,
    sourceRepository: forkOf({
      headId: pull.head.repo?.id,
      baseId: pull.base.repo.id,
      name: pull.head.repo?.full_name,
      owner: pull.head.label?.split(':')[0],
      ref: pull.head.ref,
    }),
    sourceUrl: null,
    baseBranch: pull.base.ref,
    headSha: pull.head.sha,
    updatedAt: new Date(pull.updated_at),
  };
}
