import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Access } from '../../people/access/access.js';
import { ProjectQueries } from '../../people/projects/project.queries.js';
import { ProjectResolver } from '../../people/projects/project.resolver.js';
import { ProjectActivityFeed } from '../../people/projects/project-activity.js';
import { Changes } from '../../platform/changes.js';
import type { Database } from '../../platform/database.js';
import { LiveReads } from '../../platform/live.js';
import { aRepository } from '../../testing/builders.js';
import { testDatabase } from '../../testing/database.js';
import { testGraph } from '../../testing/graphql.js';
import { createRepositoryWith } from './create-repository.js';
import { RepositoryQueries } from './repositories.queries.js';
import { RepositoryResolver } from './repository.resolver.js';
import { ProjectRepositoriesResolver } from './repository-edges.resolver.js';
import { hosting } from './testing/hosted.js';

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
  ]);
});
afterAll(async () => {
  await hosted.remove();
  await db.close();
});

describe('repositories over GraphQL', () => {
  it('makes a repository that can be cloned from where the caller is, and refuses the name a second time', async () => {
    const make = `mutation ($p: String!, $n: String!) { createRepository(project: $p, name: $n) { name cloneUrl defaultBranch } }`;
    const { data } = await graph.run(admin, make, { p: project, n: 'site' });
    expect(data?.createRepository).toEqual({
      name: 'site',
      cloneUrl: `http://slipway.test/git/${project}/site.git`,
      defaultBranch: null,
    });
    const again = await graph.run(admin, make, { p: project, n: 'site' });
    expect(again.errors[0]?.message).toContain('already has a repository "site"');
    expect((await graph.run(admin, make, { p: project, n: 'Big Name' })).errors[0]?.message).toContain('Try "big-name"');
    expect((await graph.run(admin, make, { p: 'nowhere', n: 'site' })).errors).toHaveLength(1);
  });

  it('finds a repository by its name within its project alone', async () => {
    const named = async (name: string) =>
      (
        await graph.run(admin, 'query ($p: String!, $n: String!) { project(name: $p) { repository(name: $n) { name } } }', {
          p: project,
          n: name,
        })
      ).data;
    expect(await named('site')).toEqual({ project: { repository: { name: 'site' } } });
    expect(await named('nowhere')).toEqual({ project: { repository: null } });
  });
});
