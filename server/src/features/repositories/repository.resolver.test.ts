import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Changes } from '../../platform/changes.js';
import type { Database } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { LiveReads } from '../../platform/live.js';
import { aRepository } from '../../testing/builders.js';
import { testDatabase } from '../../testing/database.js';
import { sqlOf, testGraph } from '../../testing/graphql.js';
import { Access } from '../access/access.js';
import { ProjectQueries } from '../projects/project.queries.js';
import { ProjectResolver } from '../projects/project.resolver.js';
import { ProjectActivityFeed } from '../projects/project-activity.js';
import { RunQueries } from '../runs/run.queries.js';
import { createRepositoryWith } from './create-repository.js';
import { RepositoryQueries } from './repositories.queries.js';
import { RepositoryResolver } from './repository.resolver.js';
import { BranchResolver, ProjectRepositoriesResolver } from './repository-edges.resolver.js';
import { hosting, insertRunRow } from './testing/hosted.js';

let db: Database & { close(): Promise<void> };
let hosted: Awaited<ReturnType<typeof hosting>>;
let graph: ReturnType<typeof testGraph>;
let at: Awaited<ReturnType<typeof aRepository>>;
let project: string;
let admin: { userId: string; isAdmin: boolean };

beforeAll(async () => {
  db = await testDatabase();
  hosted = await hosting({ db });
  at = await aRepository(db);
  project = `p-${at.projectId.slice(-12)}`;
  admin = { userId: at.userId, isAdmin: true };
  const queries = new RepositoryQueries(db);
  const [projects, access] = [new ProjectQueries(db), new Access(db)];
  const live = new LiveReads(new Changes(), (error) => expect.fail(String(error)));
  graph = testGraph(db, [
    new ProjectResolver(db, projects, access, new ProjectActivityFeed(live, projects, access)),
    new RepositoryResolver(queries, createRepositoryWith({ db, store: hosted.store })),
    new ProjectRepositoriesResolver(queries),
    new BranchResolver(queries, new RunQueries(db)),
  ]);
});
afterAll(async () => {
  await hosted.remove();
  await db.close();
});

/** A branch with a commit and a run. */
async function aBranch(name: string): Promise<void> {
  const sha = name.charCodeAt(0).toString(16).padStart(40, '0');
  await db.query('insert into branches (id, repository_id, name, head_sha) values ($1, $2, $3, $4)', [newId(), at.repositoryId, name, sha]);
  await db.query(
    `insert into commits (repository_id, sha, author_name, author_email, message, authored_at, committed_at, parents)
     values ($1, $2, 'Ada', 'ada@example.test', 'Say hello' || chr(10) || chr(10) || 'At length', now(), now(), '{}') on conflict do nothing`,
    [at.repositoryId, sha],
  );
  const run = { projectId: at.projectId, repositoryId: at.repositoryId, branch: name, commitSha: sha, trigger: 'manual' as const };
  await db.transaction((tx) => insertRunRow(tx, { ...run, triggeredBy: null, pushId: null, pipeline: null, problems: [] }));
}

describe('repositories over GraphQL', () => {
  it('makes a repository that can be cloned from where the caller is, and refuses the name a second time', async () => {
    const make = `mutation ($p: String!, $n: String!) { createRepository(project: $p, name: $n) { name cloneUrl defaultBranch branches { edges { cursor } } } }`;
    const { data } = await graph.run(admin, make, { p: project, n: 'site' });
    expect(data?.createRepository).toEqual({
      name: 'site',
      cloneUrl: `http://slipway.test/git/${project}/site.git`,
      defaultBranch: null,
      branches: { edges: [] },
    });
    const again = await graph.run(admin, make, { p: project, n: 'site' });
    expect(again.errors[0]?.message).toContain('already has a repository "site"');
    expect((await graph.run(admin, make, { p: project, n: 'Big Name' })).errors[0]?.message).toContain('Try "big-name"');
    expect((await graph.run(admin, make, { p: 'nowhere', n: 'site' })).errors).toHaveLength(1);
  });

  it('pages branches by name with their head and last run, at a cost that does not grow with their number', async () => {
    const read = `query ($p: String!, $after: String) { project(name: $p) { repositories { name branches(first: 2, after: $after) {
      edges { node { name isDefault head { subject shortSha } lastRun { number } } } pageInfo { hasNextPage endCursor } } } } }`;
    type Page = { edges: { node: { name: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    const page = async (after?: string) => {
      const { data, errors } = await graph.run(admin, read, { p: project, after });
      expect(errors).toEqual([]);
      const found = data?.project as { repositories: { name: string; branches: Page }[] };
      return found.repositories.find((repository) => repository.name === 'app')?.branches as Page;
    };
    await aBranch('a');
    const one = await sqlOf(db, () => page());
    await aBranch('b');
    await aBranch('ü/c');
    const two = await sqlOf(db, () => page());
    expect(two.length).toBe(one.length);
    const first = await page();
    expect(first.edges.map((edge) => edge.node)).toEqual([
      { name: 'a', isDefault: false, head: { subject: 'Say hello', shortSha: '0000000' }, lastRun: { number: 1 } },
      { name: 'b', isDefault: false, head: { subject: 'Say hello', shortSha: '0000000' }, lastRun: { number: 2 } },
    ]);
    const second = await page(first.pageInfo.endCursor);
    expect(second.edges.map((edge) => edge.node.name)).toEqual(['ü/c']);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });
});
