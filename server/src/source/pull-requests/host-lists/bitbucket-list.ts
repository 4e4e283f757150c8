import { z } from 'zod';
import { ownerAndName } from '../../repositories/call-host.js';
import { forkOf } from '../fork-rule.js';
import type { PullRequestFacts } from '../ports.js';
import { type AskHost, type HostList, nextCounted } from './host-list.js';

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

export const bitbucketList: HostList = {
  first: (path) => `${repository(path)}/pullrequests?state=OPEN&pagelen=${PAGE}&page=1`,
  async page(ask, path, at, { body }) {
    const { values, next } = LIST.parse(body);
    const facts: PullRequestFacts[] = [];
    for (const pull of values) facts.push(await factsOf(ask, path, pull));
    return { facts, next: nextCounted(at, next !== undefined) };
  },
  async one(ask, path, number) {
    return factsOf(ask, path, PULL.parse((await ask(`${repository(path)}/pullrequests/${number}`)).body));
  },
};

function repository(path: string): string {
  const { owner, name } = ownerAndName(path);
  return `/repositories/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
}

async function factsOf(ask: AskHost, path: string, pull: Pull): Promise<PullRequestFacts> {
  const from = pull.source.repository?.full_name ?? null;
  const fork = forkOf({ headId: from, baseId: pull.destination.repository.full_name, name: from, ref: pull.source.branch.name });
  return {
    number: pull.id,
    title: pull.title,
    author: pull.author?.nickname ?? pull.author?.display_name ?? 'ghost',
    url: pull.links.html.href,
    state: pull.state === 'MERGED' ? 'merged' : pull.state === 'OPEN' ? 'open' : 'closed',
    sourceBranch: pull.source.branch.name,
    sourceRepository: fork,
    sourceUrl: fork && pull.source.repository ? `${pull.source.repository.links.html.href}.git` : null,
    baseBranch: pull.destination.branch.name,
    headSha: await fullSha(ask, from ?? path, pull.source.commit.hash),
    updatedAt: new Date(pull.updated_on),
  };
}

async function fullSha(ask: AskHost, path: string, hash: string): Promise<string> {
  return FULL_SHA.test(hash) ? hash : COMMIT.parse((await ask(`${repository(path)}/commit/${encodeURIComponent(hash)}`)).body).hash;
}
