import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunQueries } from './build/runs/run.queries.js';
import { ProjectRunsResolver } from './build/runs/run-edges.resolver.js';
import { EnvironmentQueries } from './deliver/environments/environment.queries.js';
import { ProjectEnvironmentsResolver } from './deliver/environments/environment-edges.resolver.js';
import { Access } from './people/access/access.js';
import { ProjectQueries } from './people/projects/project.queries.js';
import { ProjectResolver } from './people/projects/project.resolver.js';
import { ProjectActivityFeed } from './people/projects/project-activity.js';
import { Changes } from './platform/changes.js';
import type { Database } from './platform/database.js';
import { LiveReads } from './platform/live.js';
import { RepositoryQueries } from './source/repositories/repositories.queries.js';
import { ProjectRepositoriesResolver } from './source/repositories/repository-edges.resolver.js';
import { aRepository } from './testing/builders.js';
import { testDatabase } from './testing/database.js';
import { sqlOf, testGraph } from './testing/graphql.js';

const PROJECTS = '{ projects(first: 100) { edges { node { name repositories { name } environments { name } lastRun { number } } } } }';
let database: Database & { close(): Promise<void> };

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

it('asks Postgres as often for a page of twelve projects as for one of two', async () => {
  const queries = new ProjectQueries(database);
  const access = new Access(database);
  const live = new LiveReads(new Changes(), () => undefined);
  const graph = testGraph(database, [
    new ProjectResolver(database, queries, access, new ProjectActivityFeed(live, queries, access)),
    new ProjectRepositoriesResolver(new RepositoryQueries(database)),
    new ProjectEnvironmentsResolver(new EnvironmentQueries(database)),
    new ProjectRunsResolver(new RunQueries(database)),
  ]);
  const { userId } = await aRepository(database);
  await aRepository(database);
  const admin = { userId, isAdmin: true };
  const few = await sqlOf(database, () => graph.run(admin, PROJECTS));
  for (let i = 0; i < 10; i++) await aRepository(database);
  let answer: Awaited<ReturnType<typeof graph.run>> | undefined;
  const many = await sqlOf(database, async () => {
    answer = await graph.run(admin, PROJECTS);
  });
  expect(answer).toMatchObject({ errors: [], data: { projects: { edges: { length: 12 } } } });
  expect(few.length).toBeGreaterThan(2);
  expect(many.length).toBe(few.length);
});
