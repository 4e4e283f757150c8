import { z } from 'zod';
import { ownerAndName } from '../api-root.js';
import type { HostPullRequests } from '../code-host.js';
import type { PullRequestFacts } from '../pull-request-facts.js';
import { type AskHost, nextCounted } from '../requests.js';
import { factsOf } from './pull-request.js';

const PAGE = 50;
const FULL_SHA = /^[0-9a-f]{40}$/;

/** Of Bitbucket Cloud: "List pull requests", "Get a pull request". Commits are named by their first twelve digits. */
const PULL = z.object({
  id: z.number().int(),
  title: z.string(),
  author: z.object({ nickname: z.string().optional(), display_name: z.string().optional() }).nullish(),
  links: z.object({ html: z.object({ href: z.string() }) }),
  state: z.string(),
  updated_on: z.string(),
  source: z.object({
    branch: z.object({ name: z.string() }),
    commit: z.object({ hash: z.string() }),
    repository: z.object({ full_name: z.string(), links: z.object({ html: z.object({ href: z.string() }) }) }).nullish(),
  }),
  destination: z.object({ branch: z.object({ name: z.string() }), repository: z.object({ full_name: z.string() }) }),
});
type Pull = z.output<typeof PULL>;
const LIST = z.object({ values: z.array(PULL), next: z.string().optional() });
const COMMIT = z.object({ hash: z.string().regex(FULL_SHA) });

export const bitbucketList: Pick<HostPullRequests, 'first' | 'page' | 'one'> = {
  first: (path) => `${repository(path)}/pullrequests?state=OPEN&pagelen=${PAGE}&page=1`,
  async page(ask, path, at, { body }) {
    const { values, next } = LIST.parse(body);
    const facts: PullRequestFacts[] = [];
    for (const pull of values) facts.push(await wholeFacts(ask, path, pull));
    return { facts, next: nextCounted(at, next !== undefined) };
  },
  async one(ask, path, number) {
    return wholeFacts(ask, path, PULL.parse((await ask(`${repository(path)}/pullrequests/${number}`)).body));
  },
};

function repository(path: string): string {
  const { owner, name } = ownerAndName(path);
  return `/repositories/${owner}/${name}`;
}

async function wholeFacts(ask: AskHost, path: string, pull: Pull): Promise<PullRequestFacts> {
  return factsOf(pull, await fullSha(ask, pull.source.repository?.full_name ?? path, pull.source.commit.hash));
}

async function fullSha(ask: AskHost, path: string, hash: string): Promise<string> {
  return FULL_SHA.test(hash) ? hash : COMMIT.parse((await ask(`${repository(path)}/commit/${encodeURIComponent(hash)}`)).body).hash;
}
