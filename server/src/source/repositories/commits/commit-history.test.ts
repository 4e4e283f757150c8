import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunQueries } from '../../../build/runs/run.queries.js';
import { CommitEnvironmentQueries } from '../../../deliver/environments/commit-environments.queries.js';
import { CommitEnvironmentResolver, CommitEnvironmentsResolver } from '../../../deliver/environments/commit-environments.resolver.js';
import { EnvironmentQueries } from '../../../deliver/environments/environment.queries.js';
import { EnvironmentResolver } from '../../../deliver/environments/environment.resolver.js';
import { Access } from '../../../people/access/access.js';
import { UserQueries } from '../../../people/access/user.queries.js';
import { ProjectQueries } from '../../../people/projects/project.queries.js';
import { ProjectResolver } from '../../../people/projects/project.resolver.js';
import { ProjectActivityFeed } from '../../../people/projects/project-activity.js';
import { Changes } from '../../../platform/changes.js';
import type { Database } from '../../../platform/database.js';
import { runGit } from '../../../platform/git.js';
import { newId } from '../../../platform/ids.js';
import { LiveReads } from '../../../platform/live.js';
import { aRepository } from '../../../testing/builders.js';
import { testDatabase } from '../../../testing/database.js';
import { sqlOf, testGraph } from '../../../testing/graphql.js';
import { createRepositoryWith } from '../create-repository.js';
import { PushQueries } from '../pushes/push.queries.js';
import { PushResolver, RepositoryPushesResolver } from '../pushes/push.resolver.js';
import { RepositoryQueries } from '../repositories.queries.js';
import { RepositoryResolver } from '../repository.resolver.js';
import { ProjectRepositoriesResolver } from '../repository-edges.resolver.js';
import { hosting, insertRunRow } from '../testing/hosted.js';
import { pushInto } from '../testing/push.js';
import { WorkTree } from '../testing/work-tree.js';
import { CommitQueries } from './commit.queries.js';
import { CommitResolver, RepositoryCommitsResolver } from './commit.resolver.js';
import { CommitHistory } from './commit-history.js';
import { commitsBetweenWith } from './commits-between.js';

let db: Database & { close(): Promise<void> };
let hosted: Awaited<ReturnType<typeof hosting>>;
let graph: ReturnType<typeof testGraph>;
let tree: WorkTree;
let at: Awaited<ReturnType<typeof aRepository>>;

beforeAll(async () => {
  db = await testDatabase();
  hosted = await hosting({ db });
  tree = await WorkTree.make();
  at = await aRepository(db);
  await hosted.store.init(at.repositoryId);
  graph = aGraph();
});
afterAll(async () => {
  await hosted.remove();
  await tree[Symbol.asyncDispose]();
  await db.close();
});

function aGraph() {
  const repositories = new RepositoryQueries(db);
  const [projects, access, runs, environments] = [new ProjectQueries(db), new Access(db), new RunQueries(db), new EnvironmentQueries(db)];
  const live = new LiveReads(new Changes(), (error) => expect.fail(String(error)));
  return testGraph(db, [
    new ProjectResolver(db, projects, access, new ProjectActivityFeed(live, projects, access)),
    new ProjectRepositoriesResolver(repositories),
    new RepositoryResolver(repositories, createRepositoryWith({ db, store: hosted.store })),
    new RepositoryPushesResolver(new PushQueries(db)),
    new PushResolver(runs, new UserQueries(db), repositories),
    new RepositoryCommitsResolver(new CommitHistory(db, hosted.store)),
    new CommitResolver(new CommitQueries(db), runs),
    new CommitEnvironmentsResolver(new CommitEnvironmentQueries(db)),
    new CommitEnvironmentResolver(environments),
    new EnvironmentResolver({ database: db, queries: environments, live, ports: { first: 20_000, last: 24_999 } }),
  ]);
}

async function pushed(...refs: string[]): Promise<void> {
  await pushInto({ store: hosted.store, gitDir: hosted.store.folder(at.repositoryId), pusher: at.userId }, tree, ...refs);
  await hosted.ingest(insertRunRow).ingest(at.repositoryId);
}

type Edge<T> = { cursor: string; node: T };
type Page<T> = { edges: Edge<T>[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
type Commit = { sha: string; subject: string } & Record<string, unknown>;

async function ask<T>(field: string, variables: Record<string, unknown>, node: string) {
  const declared = ['after', 'ref', 'query'].filter((name) => field.includes(`$${name}`)).map((name) => `$${name}: String`);
  const query = `query ($p: String!, $first: Int!, ${declared.join(', ')}) { project(name: $p) { repositories { ${field} {
    edges { cursor node { ${node} } } pageInfo { hasNextPage endCursor } } } } }`;
  const { data, errors } = await graph.run({ userId: at.userId, isAdmin: true }, query, {
    p: `p-${at.projectId.slice(-12)}`,
    ...variables,
  });
  const found = data?.project as { repositories: Record<string, Page<T>>[] } | undefined;
  return { page: found && (Object.values(found.repositories[0] ?? {})[0] as Page<T>), errors };
}

const COMMITS = 'commits(first: $first, after: $after, ref: $ref, query: $query)';
const EVERYTHING = `sha subject authorName branches tags pullRequestNumber runs(first: 2) { number branch }
  environments { isLive reachedAt environment { name } }`;

async function commits(
  over: { first?: number; after?: string | null; ref?: string; query?: string },
  node = 'sha subject',
): Promise<Page<Commit>> {
  const { page, errors } = await ask<Commit>(COMMITS, { first: 3, ...over }, node);
  expect(errors).toEqual([]);
  return page as Page<Commit>;
}

/** Every page, one after the other. */
async function walk(over: {
  first: number;
  ref?: string;
  query?: string;
}): Promise<{ shas: string[]; pages: number; longestCursor: number }> {
  const shas: string[] = [];
  let [after, pages, longestCursor]: [string | null, number, number] = [null, 0, 0];
  for (;;) {
    const page: Page<Commit> = await commits({ ...over, after });
    pages++;
    shas.push(...page.edges.map((edge) => edge.node.sha));
    longestCursor = Math.max(longestCursor, page.pageInfo.endCursor?.length ?? 0);
    if (!page.pageInfo.hasNextPage) return { shas, pages, longestCursor };
    after = page.pageInfo.endCursor;
  }
}

const logOf = async (ref: string) => (await tree.git('log', '--format=%H', ref)).trim().split('\n');

/** `count` commits on `branch`, each a minute after the other; every merge joins lines of its own. */
async function history(branch: string, lines: number, length: number): Promise<void> {
  const text: string[] = [];
  const commit = (ref: string, minute: number, from: string[], mark: number) =>
    text.push(
      `commit refs/heads/${ref}\nmark :${mark}\ncommitter Ada <ada@example.test> ${1_700_000_000 + minute * 60} +0000\ndata <<E\n${ref} ${minute}\nE\n`,
      ...from.map((parent, n) => `${n === 0 ? 'from' : 'merge'} ${parent}\n`),
    );
  commit(branch, 0, [], 1);
  let mark = 2;
  const ends: number[] = [];
  for (let line = 0; line < lines; line++) {
    for (let n = 0; n < length; n++) commit(`${branch}-${line}`, 1 + n * lines + line, [n === 0 ? ':1' : `:${mark - 1}`], mark++);
    ends.push(mark - 1);
  }
  commit(branch, 1 + lines * length, [':1', ...ends.map((end) => `:${end}`)], mark);
  await runGit(['fast-import', '--quiet', '--force'], { cwd: tree.folder, input: `${text.join('')}done\n`, timeoutMs: 60_000 });
}

describe('history', () => {
  it('pages through merges as git shows them, from where each page ended, while the branch moves on', async () => {
    await history('woven', 5, 8);
    await pushed('woven');
    const expected = await logOf('woven');
    expect(expected).toHaveLength(42);
    expect((await walk({ first: 4, ref: 'woven' })).shas).toEqual(expected);
    const first = await commits({ first: 4, ref: 'refs/heads/woven' });
    await tree.git('checkout', '--quiet', 'woven');
    await tree.commit('later');
    await pushed('woven');
    const second = await commits({ first: 4, ref: 'woven', after: first.pageInfo.endCursor });
    expect(second.edges.map((edge) => edge.node.sha)).toEqual(expected.slice(4, 8));
    const fromTheMiddle = await commits({ first: 2, after: first.edges[1]?.cursor ?? '' });
    expect(fromTheMiddle.edges.map((edge) => edge.node.sha)).toEqual(expected.slice(2, 4));
  });

  it('keeps its cursors short where more lines run side by side than they should hold', async () => {
    await history('wide', 60, 3);
    await pushed('wide');
    const { shas, longestCursor } = await walk({ first: 50, ref: 'wide' });
    expect(shas).toEqual(await logOf('wide'));
    expect(longestCursor).toBeLessThan(3_000);
  });

  it('finds words of messages and authors and beginnings of shas, also where a page must give up before the end', async () => {
    await tree.commitMany('long', 12_000);
    await pushed('long');
    const all = await logOf('long');
    expect((await walk({ first: 3, ref: 'long', query: 'COMMIT 1199' })).shas).toEqual([...all.slice(0, 10), all[10_800]]);
    const rare = await walk({ first: 3, ref: 'long', query: all.at(-1)?.slice(0, 12) ?? '' });
    expect(rare).toMatchObject({ shas: all.slice(-1), pages: 3 });
    expect((await walk({ first: 3, ref: 'long', query: 'nobody said this' })).shas).toEqual([]);
  });

  it('begins at a branch, a tag, or a commit, and says so when there is none of that name', async () => {
    const sha = await tree.commit('tagged größe');
    await tree.git('tag', '--annotate', '-m', 'x', 'v1');
    await pushed('woven', 'v1');
    for (const ref of ['v1', 'refs/tags/v1', sha]) expect((await commits({ first: 1, ref })).edges[0]?.node.subject).toBe('tagged größe');
    for (const ref of ['nothing', 'refs/tags/woven', 'f'.repeat(40), '--all'])
      expect((await ask(COMMITS, { first: 1, ref }, 'sha')).errors[0]?.message).toContain(`There is no ref "${ref}"`);
  });

  it.each(['0 --all', '0 HEAD', '-1', '0.5', '9999999999 ', `0 ${'a'.repeat(40)}\n--all`, `0 ${Array(60).fill('a'.repeat(40)).join(' ')}`])(
    'refuses the made-up cursor %j',
    async (key) => {
      const after = Buffer.from(`k:${key}`).toString('base64url');
      const { errors } = await ask(COMMITS, { first: 1, after }, 'sha');
      expect(errors[0]?.extensions?.code).toBe('bad_cursor');
    },
  );

  it('shows what came of each commit, at a cost that does not grow with the page', async () => {
    const live = (await logOf('woven'))[0] ?? '';
    const [before] = (await logOf('woven')).slice(1);
    await aDeployedCommit('production', live, true);
    await aDeployedCommit('staging', before ?? '', true);
    await aDeployedCommit('staging', live, false);
    const one = await sqlOf(db, () => commits({ first: 1, ref: 'woven' }, EVERYTHING));
    const many = await sqlOf(db, () => commits({ first: 40, ref: 'woven' }, EVERYTHING));
    expect(many.length).toBe(one.length);
    const { edges } = await commits({ first: 2, ref: 'woven' }, EVERYTHING);
    expect(edges[0]?.node).toMatchObject({
      subject: 'tagged größe',
      authorName: 'Ada',
      branches: ['woven'],
      tags: ['v1'],
      pullRequestNumber: null,
      runs: [{ branch: 'woven' }],
      environments: [
        { isLive: true, environment: { name: 'production' } },
        { isLive: false, environment: { name: 'staging' } },
      ],
    });
    expect(edges[1]?.node).toMatchObject({ branches: [], tags: [], environments: [{ isLive: true, environment: { name: 'staging' } }] });
  });

  /** A release at the commit, and its successful deployment. */
  async function aDeployedCommit(environment: string, sha: string, isLive: boolean): Promise<void> {
    const [releaseId, environmentId] = [newId(), newId()];
    await db.query(
      `insert into releases (id, project_id, repository_id, number, commit_sha, branch, artifact_digest, artifact_size, app)
       select $1, $2, $3, coalesce(max(number), 0) + 1, $4, 'main', 'd', 1, '{}' from releases`,
      [releaseId, at.projectId, at.repositoryId, sha],
    );
    await db.query(`insert into environments (id, project_id, name) values ($1, $2, $3) on conflict do nothing`, [
      environmentId,
      at.projectId,
      environment,
    ]);
    await db.query(
      `insert into deployments (id, project_id, environment_id, release_id, strategy, kind, state, configuration, finished_at)
       select $1, $2, id, $3, 'recreate', 'deploy', 'succeeded', '{}', now() from environments where name = $4`,
      [newId(), at.projectId, releaseId, environment],
    );
    if (isLive) await db.query('update environments set current_release_id = $1 where name = $2', [releaseId, environment]);
  }
});

describe('pushes', () => {
  const PUSHES = 'pushes(first: $first, after: $after, ref: $ref)';
  const PUSH =
    'ref oldSha newSha commits cause forced pushedAt pushedBy { name } run { number ref trigger trusted headSha } noRun { code message } head { subject }';

  it('are shown newest first with what came of them, at a cost that does not grow with the page', async () => {
    await pushed(':wide');
    type Push = { ref: string } & Record<string, unknown>;
    const page = async (over: Record<string, unknown>) => (await ask<Push>(PUSHES, { first: 50, ...over }, PUSH)).page;
    const all = await page({});
    expect(all?.edges[0]?.node).toMatchObject({
      ref: 'refs/heads/wide',
      newSha: '0'.repeat(40),
      cause: 'PUSH',
      forced: false,
      pushedBy: { name: 'Ada' },
      run: null,
      noRun: { code: 'deleted', message: 'The branch was deleted.' },
      head: null,
    });
    expect(all?.edges.at(-1)?.node).toMatchObject({ ref: 'refs/heads/woven', commits: 42, run: { number: 1 }, noRun: null });
    const woven = await page({ ref: 'refs/heads/woven' });
    expect(new Set(woven?.edges.map((edge) => edge.node.ref))).toEqual(new Set(['refs/heads/woven']));
    const second = await page({ first: 2, after: all?.edges[1]?.cursor });
    expect(second?.edges.map((edge) => edge.node)).toEqual(all?.edges.slice(2, 4).map((edge) => edge.node));
    const one = await sqlOf(db, () => page({ first: 1, after: all?.edges.at(-2)?.cursor }));
    const many = await sqlOf(db, () => page({ first: 50 }));
    expect(many.length).toBe(one.length);
  });
});

describe('what is between two commits', () => {
  it('holds what merges brought, goes back for a rollback, and is empty when one of the two is not there', async () => {
    const between = commitsBetweenWith(hosted.store);
    const base = await tree.commit('base');
    await tree.git('checkout', '--quiet', '-b', 'topic');
    const topic = await tree.commit('topic', { 'topic.txt': 'x' });
    await tree.git('checkout', '--quiet', 'woven');
    const other = await tree.commit('other');
    await tree.git('merge', '--quiet', '--no-ff', '-m', 'Merge pull request #7 from ada/topic', 'topic');
    const merge = (await tree.git('rev-parse', 'HEAD')).trim();
    await pushed('woven');
    const out = await between(at.repositoryId, base, merge, 10);
    expect(out[0]).toBe(merge);
    expect(new Set(out)).toEqual(new Set([merge, other, topic]));
    expect(await between(at.repositoryId, merge, base, 10)).toEqual([]);
    expect(await between(at.repositoryId, base, merge, 2)).toHaveLength(2);
    expect(await between(at.repositoryId, 'f'.repeat(40), merge, 10)).toEqual([]);
    const { edges } = await commits({ first: 1, ref: 'woven' }, EVERYTHING);
    expect(edges[0]?.node).toMatchObject({ subject: 'Merge pull request #7 from ada/topic', pullRequestNumber: 7 });
  });
});
