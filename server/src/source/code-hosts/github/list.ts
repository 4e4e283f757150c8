import { z } from 'zod';
import { ownerAndName } from '../api-root.js';
import type { HostPullRequests } from '../code-host.js';
import { nextCounted } from '../requests.js';
import { factsOf } from './pull-request.js';

const PAGE = 50;

const REPOSITORY = z.object({ id: z.number().int(), full_name: z.string() });
/** Pull requests of GitHub and Gitea, which have the same form: "List pull requests", "Get a pull request". */
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

export const hubList: Pick<HostPullRequests, 'first' | 'page' | 'one'> = {
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
  return `/repos/${owner}/${name}/pulls`;
}
