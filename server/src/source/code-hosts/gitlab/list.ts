import { z } from 'zod';
import type { HostPullRequests } from '../code-host.js';
import { forkOf } from '../fork-rule.js';
import type { PullRequestFacts } from '../pull-request-facts.js';
import { type AskHost, nextCounted } from '../requests.js';

const PAGE = 50;

/** "List project merge requests", "Get single MR". The commit is null while GitLab still looks for it. */
const MERGE_REQUEST = z.object({
  iid: z.number().int(),
  title: z.string(),
  author: z.object({ username: z.string() }).nullish(),
  web_url: z.string(),
  state: z.string(),
  updated_at: z.string(),
  source_branch: z.string(),
  target_branch: z.string(),
  sha: z.string().nullable(),
  /** Null when the fork was deleted. */
  source_project_id: z.number().int().nullable(),
  target_project_id: z.number().int(),
});
type MergeRequest = z.output<typeof MERGE_REQUEST>;
const PROJECT = z.object({ path_with_namespace: z.string() });

export const gitlabList: Pick<HostPullRequests, 'first' | 'page' | 'one'> = {
  first: (path) => `${mergeRequests(path)}?state=opened&per_page=${PAGE}&page=1`,
  async page(ask, _path, at, { body, hasNext }) {
    const rows = z.array(MERGE_REQUEST).parse(body);
    const names = new Map<number, string>();
    const facts: PullRequestFacts[] = [];
    for (const row of rows) if (row.sha !== null) facts.push(factsOf(row, row.sha, await sourceOf(ask, row, names)));
    return { facts, next: nextCounted(at, hasNext) };
  },
  async one(ask, path, number) {
    const row = MERGE_REQUEST.parse((await ask(`${mergeRequests(path)}/${number}`)).body);
    if (row.sha === null) throw new Error(`Merge request !${number} has no commit yet.`);
    return factsOf(row, row.sha, await sourceOf(ask, row, new Map()));
  },
};

const mergeRequests = (path: string): string => `/projects/${encodeURIComponent(path)}/merge_requests`;

/** Lists name projects by number alone. A private fork's name is not for us; that it is one is enough. */
async function sourceOf(ask: AskHost, row: MergeRequest, names: Map<number, string>): Promise<string | null> {
  const { source_project_id: headId, target_project_id: baseId, source_branch: ref } = row;
  if (headId === null || forkOf({ headId, baseId, ref }) === null) return forkOf({ headId, baseId, ref });
  const name = names.get(headId) ?? (await nameOf(ask, headId));
  names.set(headId, name);
  return forkOf({ headId, baseId, name, ref });
}

const nameOf = (ask: AskHost, id: number): Promise<string> =>
  ask(`/projects/${id}`).then(
    ({ body }) => PROJECT.parse(body).path_with_namespace,
    () => `project ${id}`,
  );

function factsOf(row: MergeRequest, headSha: string, sourceRepository: string | null): PullRequestFacts {
  return {
    number: row.iid,
    title: row.title,
    author: row.author?.username ?? 'ghost',
    url: row.web_url,
    // `locked`: it is being merged.
    state: row.state === 'merged' ? 'merged' : row.state === 'closed' ? 'closed' : 'open',
    sourceBranch: row.source_branch,
    sourceRepository,
    sourceUrl: null,
    baseBranch: row.target_branch,
    headSha,
    updatedAt: new Date(row.updated_at),
  };
}
