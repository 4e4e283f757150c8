import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunQueries } from '../../build/runs/run.queries.js';
import { createStartRun } from '../../build/runs/start-run.js';
import { Access } from '../../people/access/access.js';
import { setProjectRole } from '../../people/access/project-role.js';
import { UserQueries } from '../../people/access/user.queries.js';
import { ProjectQueries } from '../../people/projects/project.queries.js';
import { ProjectResolver } from '../../people/projects/project.resolver.js';
import { ProjectActivityFeed } from '../../people/projects/project-activity.js';
import { Changes } from '../../platform/changes.js';
import type { Database } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { LiveReads } from '../../platform/live.js';
import { aJobSpec, aPipeline, aRun, noDeployments } from '../../testing/builders.js';
import { testDatabase } from '../../testing/database.js';
import { sqlOf, testGraph } from '../../testing/graphql.js';
import { anExternalRepository } from '../code-hosts/testing/external.js';
import { StatusReportQueries } from '../commit-statuses/status-report.queries.js';
import { RunStatusReportResolver } from '../commit-statuses/status-report.resolver.js';
import { WantedStatuses } from '../commit-statuses/want-status.js';
import { RepositoryQueries } from '../repositories/repositories.queries.js';
import { RepositoryResolver } from '../repositories/repository.resolver.js';
import { ProjectRepositoriesResolver } from '../repositories/repository-edges.resolver.js';
import { approvePullRequest } from './approve-pull-request.js';
import { PullRequestQueries } from './pull-request.queries.js';
import { PullRequestResolver } from './pull-request.resolver.js';
import { RepositoryPullRequestsResolver, RunPullRequestResolver } from './pull-request-edges.resolver.js';
import { recordPullRequest } from './record-pull-request.js';

let db: Database & { close(): Promise<void> };
let graph: ReturnType<typeof testGraph>;
let at: Awaited<ReturnType<typeof anExternalRepository>>;
let project: string;
const SHA = 'c'.repeat(40);

beforeAll(async () => {
  db = await testDatabase();
  at = await anExternalRepository(db, {
    host: 'github',
    apiUrl: 'https://api.test',
    path: 'acme/app',
    credential: { kind: 'token', token: 'x' },
  });
  project = `p-${at.projectId.slice(-12)}`;
  const [projects, access, runs, repositories] = [new ProjectQueries(db), new Access(db), new RunQueries(db), new RepositoryQueries(db)];
  const queries = new PullRequestQueries(db);
  const live = new LiveReads(new Changes(), (error) => expect.fail(String(error)));
  graph = testGraph(db, [
    new ProjectResolver(db, projects, access, new ProjectActivityFeed(live, projects, access)),
    new ProjectRepositoriesResolver(repositories),
    new RepositoryResolver(repositories, () => Promise.reject(new Error('Nothing is made here.'))),
    new RepositoryPullRequestsResolver(queries),
    new PullRequestResolver({
      queries,
      runs,
      users: new UserQueries(db),
      approvePullRequest: (id, headSha, userId) => approvePullRequest(db, id, headSha, userId),
    }),
    new RunPullRequestResolver(queries),
    new RunStatusReportResolver(new StatusReportQueries(db)),
  ]);
  new WantedStatuses(() => undefined).listen(db);
});
afterAll(() => db.close());

async function aPullRequest(number: number): Promise<string> {
  const id = await recordPullRequest(db, at.repositoryId, {
    number,
    title: `Change ${number}`,
    author: 'grace',
    url: null,
    state: number % 2 ? 'open' : 'closed',
    sourceBranch: 'feature',
    sourceRepository: 'stranger/app',
    sourceUrl: null,
    baseBranch: 'main',
    headSha: SHA,
    updatedAt: new Date('2026-01-01T10:00:00Z'),
  });
  const run = {
    branch: 'feature',
    trigger: 'pull_request' as const,
    ref: `refs/pull/${number}/merge`,
    headSha: SHA,
    pullRequestId: id ?? '',
  };
  await db.transaction((tx) => createStartRun(() => noDeployments)(tx, aRun(at, aPipeline(aJobSpec()), run)));
  return id ?? '';
}

async function aMember(role: 'viewer' | 'developer' | null) {
  const userId = newId();
  await db.query('insert into users (id, name, email) values ($1, $2, $3)', [userId, 'Grace', `${userId}@example.test`]);
  if (role) await db.transaction((tx) => setProjectRole(tx, { projectId: at.projectId, userId, role }));
  return { userId, isAdmin: false };
}

const LIST = `query ($p: String!, $after: String, $state: PullRequestState) { project(name: $p) { repositories {
  pullRequests(first: 2, after: $after, state: $state) {
    edges { node { number title isFork needsApproval mergeState approvedBy { name } lastRun { number trigger pullRequest { number } statusReport { state isTold context } } runs(first: 5) { number } } }
    pageInfo { hasNextPage endCursor } } } } }`;
type Page = { edges: { node: { number: number } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };

async function list(variables: object = {}): Promise<Page> {
  const { data, errors } = await graph.run({ userId: at.userId, isAdmin: false }, LIST, { p: project, ...variables });
  expect(errors).toEqual([]);
  const found = data?.project as { repositories: { pullRequests: Page }[] } | undefined;
  return found?.repositories[0]?.pullRequests as Page;
}

it('lists pull requests newest first, in pages, by state, at a cost that does not grow with their number', async () => {
  await aPullRequest(1);
  const one = await sqlOf(db, () => list());
  for (const number of [2, 3, 5]) await aPullRequest(number);
  const two = await sqlOf(db, () => list());
  expect(two).toHaveLength(one.length);
  const first = await list();
  expect(first.edges[0]?.node).toEqual({
    number: 5,
    title: 'Change 5',
    isFork: true,
    needsApproval: true,
    mergeState: 'UNKNOWN',
    approvedBy: null,
    lastRun: {
      number: 4,
      trigger: 'PULL_REQUEST',
      pullRequest: { number: 5 },
      statusReport: { state: 'PENDING', isTold: false, context: 'slipway/app/pr' },
    },
    runs: [{ number: 4 }],
  });
  const second = await list({ after: first.pageInfo.endCursor });
  expect([...first.edges, ...second.edges].map(({ node }) => node.number)).toEqual([5, 3, 2, 1]);
  expect((await list({ state: 'CLOSED' })).edges.map(({ node }) => node.number)).toEqual([2]);
});

it('is found by its number, within its repository', async () => {
  const one = (number: number) =>
    graph.run(
      { userId: at.userId, isAdmin: false },
      'query ($p: String!, $n: Int!) { project(name: $p) { repositories { pullRequest(number: $n) { number title } } } }',
      { p: project, n: number },
    );
  expect((await one(3)).data).toEqual({ project: { repositories: [{ pullRequest: { number: 3, title: 'Change 3' } }] } });
  expect((await one(99)).data).toEqual({ project: { repositories: [{ pullRequest: null }] } });
});

it('is approved by whoever may start runs, for the commit that was looked at, and says by whom', async () => {
  const id = await aPullRequest(7);
  const approve = `mutation ($id: ID!, $sha: String!) { approvePullRequest(id: $id, headSha: $sha) { needsApproval approvedBy { name } } }`;
  const codeFor = async (actor: Parameters<typeof graph.run>[0], sha = SHA) =>
    (await graph.run(actor, approve, { id, sha })).errors[0]?.extensions?.code;
  expect(await codeFor(null)).toBe('unauthenticated');
  expect(await codeFor(await aMember(null))).toBe('pull_request_not_found');
  expect(await codeFor(await aMember('viewer'))).toBe('forbidden');
  expect(await codeFor(await aMember('developer'), 'd'.repeat(40))).toBe('pull_request_moved');
  const { data } = await graph.run(await aMember('developer'), approve, { id, sha: SHA });
  expect(data?.approvePullRequest).toEqual({ needsApproval: false, approvedBy: { name: 'Grace' } });
  const read = await graph.run(await aMember('viewer'), 'query ($id: ID!) { pullRequest(id: $id) { number approvedAt } }', { id });
  expect(read.data?.pullRequest).toMatchObject({ number: 7, approvedAt: expect.anything() });
  expect((await graph.run(await aMember(null), 'query ($id: ID!) { pullRequest(id: $id) { number } }', { id })).errors).toHaveLength(1);
});
