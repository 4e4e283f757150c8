import type { Traffic } from '@slipway/protocol';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AgentQueries } from '../../build/agents/agent.queries.js';
import { JobQueries } from '../../build/jobs/job.queries.js';
import { RunJobsResolver } from '../../build/jobs/job-edges.resolver.js';
import { Reaper } from '../../build/jobs/reaper.js';
import { renewAttempts } from '../../build/jobs/renew-attempts.js';
import { RunQueries } from '../../build/runs/run.queries.js';
import { RunResolver } from '../../build/runs/run.resolver.js';
import { RunEdgesResolver } from '../../build/runs/run-edges.resolver.js';
import { UserQueries } from '../../people/access/user.queries.js';
import { ProjectQueries } from '../../people/projects/project.queries.js';
import { Changes } from '../../platform/changes.js';
import { LiveReads } from '../../platform/live.js';
import { RepositoryQueries } from '../../source/repositories/repositories.queries.js';
import { aRepository } from '../../testing/builders.js';
import { sqlOf, testGraph } from '../../testing/graphql.js';
import { EnvironmentQueries } from '../environments/environment.queries.js';
import { EnvironmentResolver } from '../environments/environment.resolver.js';
import { EnvironmentEdgesResolver, InstanceResolver } from '../environments/environment-edges.resolver.js';
import { ReleaseQueries } from '../releases/release.queries.js';
import { ReleaseResolver } from '../releases/release.resolver.js';
import { SecretQueries } from '../secrets/secret.queries.js';
import { EnvironmentSecretsResolver, SecretResolver } from '../secrets/secret.resolver.js';
import { DeploymentQueries } from './deployment.queries.js';
import { DeploymentResolver } from './deployment.resolver.js';
import {
  DeploymentEdgesResolver,
  EnvironmentDeploymentsResolver,
  JobDeploymentResolver,
  RunDeploymentResolver,
} from './deployment-edges.resolver.js';
import { aWorld } from './testing/world.js';

let world: Awaited<ReturnType<typeof aWorld>>;
let graph: ReturnType<typeof testGraph>;
let owner: { userId: string; isAdmin: boolean };
let project: string;

beforeAll(async () => {
  world = await aWorld();
  graph = aGraph();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.reset();
  owner = { userId: world.at.userId, isAdmin: true };
  const [row] = await world.database.query<{ name: string }>('select name from projects where id = $1', [world.at.projectId]);
  project = row?.name ?? '';
});

function aGraph() {
  const { database, secrets, gate, startRun, ports } = world;
  const changes = new Changes();
  database.onChanged((key) => changes.emit(key));
  const live = new LiveReads(changes, (error) => {
    throw error;
  });
  const [environments, releases, jobs] = [new EnvironmentQueries(database), new ReleaseQueries(database), new JobQueries(database)];
  const [runs, users, projects, deployments] = [
    new RunQueries(database),
    new UserQueries(database),
    new ProjectQueries(database),
    new DeploymentQueries(database),
  ];
  const repositories = new RepositoryQueries(database);
  // Newer commits have greater names in these tests.
  const commitsBetween = async (_: string, from: string, to: string) => (from < to ? [to] : []);
  return testGraph(database, [
    new EnvironmentResolver({ database, queries: environments, live, ports }),
    new EnvironmentEdgesResolver(projects, releases, new AgentQueries(database), repositories),
    new InstanceResolver(releases),
    new EnvironmentSecretsResolver(new SecretQueries(database)),
    new SecretResolver(secrets, projects),
    new ReleaseResolver({ queries: releases, runs, repositories }),
    new DeploymentResolver({ database, secrets, startRun, gate, live, queries: deployments, repositories, commitsBetween }),
    new DeploymentEdgesResolver({ environments, releases, jobs, runs, users }),
    new EnvironmentDeploymentsResolver(deployments, releases),
    new JobDeploymentResolver(deployments, environments),
    new RunDeploymentResolver(deployments),
    new RunEdgesResolver(projects, users, runs),
    runResolver(runs, live),
    new RunJobsResolver(jobs),
  ]);
}

/** Runs are only looked at here. */
function runResolver(queries: RunQueries, live: LiveReads) {
  const never = () => Promise.reject(new Error('not asked'));
  return new RunResolver({ queries, live, cancelRun: never, triggerRun: never, runAgain: never });
}

const PAGE = `query ($project: String!) { environment(project: $project, name: "staging") {
  id name state port health limits { state } variables { name value } secrets { name version } release { number version } releaseSince warmRelease { id } rollbackRelease { version } repository { name }
  instances { id state release { number } } agent { name } project { name } activeDeployment { state }
  deployments(first: 50) { edges { node { state percent release { version run { number } } previousRelease { id } createdBy { name } job { name environmentName } run { number } events { event } } } } } }`;

const ask = (query: string, variables: Record<string, unknown> = {}, actor = owner) => graph.run(actor, query, { project, ...variables });

type Page = { environment: { id: string; deployments: { edges: { node: { state: string } }[] } } & Record<string, unknown> };

describe('the environment page', () => {
  it('shows what runs, and costs no more statements for a long history than for a short one', async () => {
    const target = await world.anAgent();
    const deploy = async (sha: string) => {
      await world.push({ sha: sha.repeat(40) });
      await world.deployNext(target);
    };
    for (const sha of ['1', '2', '3']) await deploy(sha);
    const short = await sqlOf(world.database, () => ask(PAGE));
    for (const sha of ['4', '5', '6']) await deploy(sha);
    const long = await sqlOf(world.database, async () => {
      const { data, errors } = await ask(PAGE);
      expect(errors).toEqual([]);
      const { environment } = data as Page;
      expect(environment).toMatchObject({
        name: 'staging',
        health: 'HEALTHY',
        port: 20_000,
        release: { version: '6666666', number: 6 },
        rollbackRelease: { version: '5555555' },
        repository: { name: 'app' },
        activeDeployment: null,
      });
      expect(environment.deployments.edges).toHaveLength(6);
      expect(environment.deployments.edges[0]?.node).toMatchObject({
        state: 'SUCCEEDED',
        percent: 100,
        job: { environmentName: 'staging' },
      });
    });
    expect(long.length).toBe(short.length);
  });

  it('is live: the present state first, then each change', async () => {
    const target = await world.anAgent();
    await world.push();
    const { id } = await world.environment();
    const events = graph.watch(owner, 'subscription ($id: ID!) { environmentChanged(id: $id) { health activeDeployment { state } } }', {
      id,
    });
    const next = async () => (await events.next()).value?.data?.environmentChanged;
    expect(await next()).toEqual({ health: null, activeDeployment: { state: 'PROVISIONING' } });
    await world.deployNext(target);
    let last: unknown;
    do last = await next();
    while ((last as { activeDeployment: unknown }).activeDeployment);
    expect(last).toEqual({ health: 'HEALTHY', activeDeployment: null });
    await events.return(undefined);
  });

  it('says by itself that nobody knows once the agent is gone, and how it is when the agent is back', async () => {
    const target = await world.anAgent();
    await world.push();
    await world.deployNext(target);
    const { id, agent_id } = await world.environment();
    const events = graph.watch(owner, 'subscription ($id: ID!) { environmentChanged(id: $id) { health healthMessage } }', { id });
    const next = async () => (await events.next()).value?.data?.environmentChanged;
    expect(await next()).toEqual({ health: 'HEALTHY', healthMessage: null });
    const reaper = new Reaper({ database: world.database, gate: world.gate, log: pino({ level: 'silent' }), now: () => 0 });
    await reaper.tick();
    await world.database.query(`update agents set last_seen_at = now() - interval '1 h' where id = $1`, [agent_id]);
    await reaper.tick();
    expect(await next()).toMatchObject({ health: 'UNKNOWN', healthMessage: expect.stringContaining('is not connected') });
    await renewAttempts({ ...world, resendFrom: () => null }, agent_id, {
      attempts: [],
      load: { cpu: 0, memoryUsed: 0, memoryTotal: 1, diskFree: 1 },
    });
    expect(await next()).toEqual({ health: 'HEALTHY', healthMessage: null });
    await events.return(undefined);
  });
});

describe('the run page', () => {
  it('is told of each step of a deployment, though no job moves meanwhile', async () => {
    const target = await world.anAgent();
    const { runId, jobId } = await world.push();
    const events = graph.watch(
      owner,
      'subscription ($id: ID!) { runChanged(id: $id) { state jobs { name deployment { state percent message } } } }',
      {
        id: runId,
      },
    );
    const deployed = async () => {
      const run = (await events.next()).value?.data?.runChanged as Run;
      return run.jobs.find((job) => job.name === 'deploy')?.deployment;
    };
    expect(await deployed()).toMatchObject({ state: 'PROVISIONING' });
    const work = await world.take(target.agentId);
    if (!work?.deploy) throw new Error('No deploy job is offered.');
    target.apply(work.deploy.desired);
    await target.settle();
    let last = await deployed();
    while (last?.percent !== 100) last = await deployed();
    expect(last.state, 'over, while its job still runs').toBe('SUCCEEDED');
    expect(await world.job(jobId)).toMatchObject({ state: 'running' });
    await events.return(undefined);
  });
});

type Run = { jobs: { name: string; deployment: { state: string; percent: number; message: string } | null }[] };

describe('deploy and rollback', () => {
  const DEPLOY =
    'mutation ($env: ID!, $release: ID!) { deploy(environmentId: $env, releaseId: $release, strategy: RECREATE) { id kind strategy state run { trigger } } }';

  it('show first what would change, then do it', async () => {
    const target = await world.anAgent();
    await world.push({ sha: '1'.repeat(40) });
    await world.deployNext(target);
    const { id: env, current_release_id: release } = await world.environment();
    await ask('mutation ($env: ID!) { updateEnvironment(id: $env, variables: [{ name: "MODE", value: "new" }]) { id } }', { env });
    await world.push({ sha: '2'.repeat(40) });
    await world.deployNext(target);
    const preview = await ask(
      'query ($env: ID!, $release: ID!) { deployPreview(environmentId: $env, releaseId: $release) { direction warm secrets variables { name before after } } }',
      { env, release },
    );
    expect(preview).toEqual({
      data: {
        deployPreview: { direction: 'backward', warm: true, secrets: [], variables: [{ name: 'MODE', before: 'new', after: null }] },
      },
      errors: [],
    });
    const [last] = await world.database.query<{ id: string }>('select id from deployments order by id desc limit 1');
    const contents = await ask(
      'query ($id: ID!) { deployment(id: $id) { contents { direction commitsTruncated commits { sha } } } }',
      last,
    );
    expect(contents.data).toEqual({ deployment: { contents: { direction: 'forward', commitsTruncated: false, commits: [] } } });
    const rollback = await ask(
      `mutation ($env: ID!) { rollback(environmentId: $env) { kind state release { version }
        run { trigger triggeredBy { name } retriedBy { name } deployment { kind release { version } environment { name } } } } }`,
      { env },
    );
    expect(rollback.data).toEqual({
      rollback: {
        kind: 'rollback',
        state: 'PROVISIONING',
        release: { version: '1111111' },
        run: {
          trigger: 'ROLLBACK',
          triggeredBy: { name: 'Ada' },
          retriedBy: null,
          deployment: { kind: 'rollback', release: { version: '1111111' }, environment: { name: 'staging' } },
        },
      },
    });
    const deploy = await ask(DEPLOY, { env, release });
    expect(deploy.data).toMatchObject({ deploy: { kind: 'deploy', strategy: 'RECREATE', state: 'WAITING' } });
    const { id } = (deploy.data?.deploy ?? {}) as { id: string };
    const cancelled = await ask('mutation ($id: ID!) { cancelDeployment(id: $id) { state message } }', { id });
    expect(cancelled.data).toEqual({ cancelDeployment: { state: 'CANCELLED', message: 'Cancelled by Ada.' } });
    expect((await ask('mutation ($id: ID!) { cancelDeployment(id: $id) { state } }', { id })).errors[0]?.extensions?.code).toBe(
      'deployment_over',
    );
  });

  it('end with a receipt, which says what was measured and what was not', async () => {
    const RECEIPT = `query ($id: ID!) { deployment(id: $id) { receipt { served failed cut aborted failures { connect reset application router }
      bytesIn bytesOut latency { p50Ms p95Ms p99Ms measured } } } }`;
    const deploy = async (over: Partial<Traffic>) => {
      await world.reset();
      owner = { userId: world.at.userId, isAdmin: true };
      const target = await world.anAgent();
      const { jobId } = await world.push();
      const work = await world.take(target.agentId);
      if (work?.deploy) target.apply(work.deploy.desired);
      await world.host.observed(target.agentId, target.seen({ phase: 'converging', instances: [], traffic: [] }));
      for (const { releaseId } of work?.deploy?.desired.releases ?? []) target.figures.set(releaseId, over);
      const { deployment } = await target.settle();
      expect(deployment?.verdict).toBe('succeeded');
      const { data } = await ask(RECEIPT, { id: (await world.deploymentOf(jobId)).id });
      return (data as { deployment: { receipt: unknown } }).deployment.receipt;
    };
    const unknown = { aborted: null, failures: null, bytesIn: null, bytesOut: null, latency: null };
    expect(await deploy({ served: 7 })).toEqual({ served: 7, failed: 0, cut: 0, ...unknown });
    const failures = { connect: 1, reset: 0, application: 2, router: 0 };
    const figures = { aborted: 4, failures, bytesIn: 3e9, bytesOut: 6e9, latency: [0, 60, 39, 0, 0, 0, 0, 1] };
    expect(await deploy({ served: 97, failed: 3, ...figures })).toEqual({
      ...{ served: 97, failed: 3, cut: 0, ...figures },
      latency: { p50Ms: 2, p95Ms: 3, p99Ms: 3, measured: 100 },
    });
  });

  it('are refused across projects and to strangers, as if nothing were there', async () => {
    const target = await world.anAgent();
    await world.push();
    await world.deployNext(target);
    const { id: env, current_release_id: release } = await world.environment();
    const stranger = { ...(await aRepository(world.database)), isAdmin: false };
    expect((await ask(DEPLOY, { env, release }, stranger)).errors[0]?.extensions?.code).toMatch(/not_found/);
    expect((await ask(PAGE, {}, stranger)).errors[0]?.extensions?.code).toBe('project_not_found');
    const other = '01900000-0000-7000-8000-000000000001';
    await world.database.query(
      `insert into environments (id, project_id, name) select $1, id, 'theirs' from projects where owner_id = $2`,
      [other, stranger.userId],
    );
    expect((await ask(DEPLOY, { env: other, release })).errors).not.toEqual([]);
  });
});

describe('secrets', () => {
  it('go in and never come out', async () => {
    await world.anAgent();
    await world.push();
    const { id: env } = await world.environment();
    const set =
      'mutation ($project: String!, $env: ID) { setSecret(project: $project, environmentId: $env, name: "API_KEY", value: "hush hush") { name version } }';
    const answers = [
      await ask(set, { env }),
      await ask(PAGE),
      await ask('mutation ($project: String!, $env: ID) { deleteSecret(project: $project, environmentId: $env, name: "API_KEY") }', {
        env,
      }),
    ];
    expect(answers.map((answer) => answer.errors)).toEqual([[], [], []]);
    expect(answers[1]?.data).toMatchObject({ environment: { secrets: [{ name: 'API_KEY', version: 1 }] } });
    expect(JSON.stringify(answers)).not.toContain('hush');
  });
});
