import { loadavg } from 'node:os';
import pg from 'pg';
import type { Api } from '../lib/api.ts';
import type { Bench } from '../lib/bench.ts';
import { Installation } from '../lib/installation.ts';
import { addBranches, git } from '../lib/many-branches.ts';
import { makeRepository } from '../lib/repository.ts';
import { median, percentile } from '../lib/statistics.ts';

const MANY = { branches: 10_000, mainCommits: 2_000, ownCommits: 3, forkedWithin: 500 };
const PAGE = 50;
const SEARCHES = 100;
const QUERY = `query ($project: String!, $first: Int!, $after: String, $search: String, $order: BranchOrder!) { project(name: $project) { repositories {
  branches(first: $first, after: $after, search: $search, order: $order) { pageInfo { hasNextPage endCursor }
    edges { node { name updatedAt isDefault ahead behind protectedBy { pattern } head { shortSha subject } lastRun { number state } } } } } } }`;

type Branch = { name: string; ahead: number | null; behind: number | null };
type Page = { edges: { node: Branch }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
type Args = { after?: string; search?: string; order?: 'name' | 'updated' };

/** A page of branches as the web page asks for it, at each place of a long list. */
export const bench: Bench = async () => {
  await using installation = await Installation.running({ SLIPWAY_SAMPLE: 'off' });
  const repository = await makeRepository(installation, 'branches', {
    '.slipway.yml': 'on: manual\njobs:\n  one:\n    kind: build\n    steps:\n      - run: "true"\n',
  });
  await using stack = new AsyncDisposableStack();
  const database = new pg.Client({ connectionString: (await installation.services()).databaseUrl });
  await database.connect();
  stack.defer(() => database.end());
  const gitDir = await addBranches(installation, database, repository.id, MANY);
  const { api } = installation;
  await onePage(api, { search: 'main' });
  const fresh = await walk(api, 'name');
  const again = await walk(api, 'name');
  const byTime = await walk(api, 'updated');
  const searches: number[] = [];
  for (let n = 0; n < SEARCHES; n++) searches.push((await onePage(api, { search: `${n}-GR` })).ms);
  const floor = await floorOf(database, gitDir, repository.id);
  return {
    rows: [
      {
        what: 'a page of 50, nothing counted before, p95',
        value: percentile(fresh, 0.95),
        unit: 'ms',
        floor: percentile(floor.counted, 0.95),
        aim: { most: 100 },
      },
      { what: 'the same, p50', value: median(fresh), unit: 'ms', floor: median(floor.counted) },
      {
        what: 'a page of 50 again, p95',
        value: percentile(again, 0.95),
        unit: 'ms',
        floor: percentile(floor.read, 0.95),
        aim: { most: 100 },
      },
      { what: 'the same, p50', value: median(again), unit: 'ms', floor: median(floor.read) },
      { what: 'by last push, p95', value: percentile(byTime, 0.95), unit: 'ms', aim: { most: 100 } },
      { what: 'found by a part of the name, p95', value: percentile(searches, 0.95), unit: 'ms', aim: { most: 100 } },
    ],
    notes: [
      `${MANY.branches} branches with ${MANY.ownCommits} commits each, forked from the last ${MANY.forkedWithin} of ${MANY.mainCommits}; all of their pages one after the other, with ahead and behind, rule, head and last run.`,
      `Floor: the SQL of the page alone and two git processes, one for a common commit of the ${PAGE} and one that walks what is newer; "again": the SQL alone. Load of the last minute: ${loadavg()[0]?.toFixed(1)}.`,
    ],
  };
};

async function onePage(api: Api, args: Args): Promise<{ page: Page; ms: number }> {
  const startedAt = performance.now();
  const variables = { project: 'branches', first: PAGE, order: 'name', ...args };
  const { project } = await api.query<{ project: { repositories: { branches: Page }[] } }>(QUERY, variables);
  const ms = performance.now() - startedAt;
  const page = project.repositories[0]?.branches as Page;
  for (const { node } of page.edges) {
    const right = node.name === 'main' ? node.ahead === 0 && node.behind === 0 : node.ahead === MANY.ownCommits && (node.behind ?? -1) >= 0;
    if (!right) throw new Error(`${node.name} is said to be ${node.ahead} ahead and ${node.behind} behind.`);
  }
  return { page, ms };
}

/** @returns how long each page took */
async function walk(api: Api, order: 'name' | 'updated'): Promise<number[]> {
  const took: number[] = [];
  let seen = 0;
  for (let after: string | undefined, more = true; more; ) {
    const { page, ms } = await onePage(api, { order, ...(after ? { after } : {}) });
    took.push(ms);
    seen += page.edges.length;
    [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
  }
  if (seen !== MANY.branches + 1) throw new Error(`${seen} branches were listed.`);
  return took;
}

async function floorOf(database: pg.Client, gitDir: string, repositoryId: string): Promise<{ counted: number[]; read: number[] }> {
  const [counted, read]: [number[], number[]] = [[], []];
  let after = '';
  for (;;) {
    const startedAt = performance.now();
    const { rows } = await database.query<{ name: string; sha: string }>(
      'select name, head_sha as sha from branches where repository_id = $1 and name collate "C" > $2 order by name collate "C" limit $3',
      [repositoryId, after, PAGE],
    );
    const readAt = performance.now();
    if (rows.length === 0) return { counted, read };
    const tips = ['refs/heads/main', ...rows.map(({ sha }) => sha)];
    const base = (await git(gitDir, ['merge-base', '--octopus', ...tips])).trim();
    await git(gitDir, ['rev-list', '--topo-order', '--parents', ...tips, `^${base}`, '--']);
    read.push(readAt - startedAt);
    counted.push(performance.now() - startedAt);
    after = rows.at(-1)?.name ?? '';
  }
}
