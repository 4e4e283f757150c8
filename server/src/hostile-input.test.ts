import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESOLVER_CLASSES } from './compose/resolver-classes.js';
import { createToken, revokeToken } from './people/access/token.js';
import { buildGraphSchema } from './platform/graphql/build-schema.js';
import type { OpenApi } from './rest/open-api.js';
import { hostileAddresses, hostileCalls } from './testing/hostile/calls.js';
import { hostileOperations, type Known, properOperations } from './testing/hostile/operations.js';
import { wholeServer } from './testing/hostile/whole-server.js';

/** A few seconds; with more of each, and other seeds, it finds what is rare. */
const EACH = Number(process.env.HOSTILE_EACH ?? 4);
const SEED = Number(process.env.HOSTILE_SEED ?? 20_261_129);

const schema = buildGraphSchema(
  RESOLVER_CLASSES,
  () => true,
  () => ({}),
);
let server: Awaited<ReturnType<typeof wholeServer>>;
let known: Known;

beforeAll(async () => {
  server = await wholeServer();
  known = await whatThereIs();
}, 120_000);
afterAll(() => server?.close());

async function whatThereIs(): Promise<Known> {
  const { idOf, at, project, repository } = server;
  const [run, job, attempt] = [await idOf('runs'), await idOf('jobs'), await idOf('attempts')];
  const [environment, release, deployment] = [await idOf('environments'), await idOf('releases'), await idOf('deployments')];
  return {
    ids: [at.userId, at.projectId, repository.id, run, job, attempt, environment, release, deployment, await idOf('agents')],
    good: {
      ...{
        project,
        'project.name': project,
        project_id: project,
        repository: 'app',
        repositoryId: repository.id,
        'repository.name': 'app',
      },
      ...{ repo_url: `/git/${project}/app.git`, branch: 'main', branch_name: 'main', name: 'main', base: 'main', head: repository.sha },
      ...{ source: 'main', target: 'main', path: 'package.json', number: 1, first: 5, count: 10, fromLine: 0, test_type: 'unit' },
      ...{
        'cancelRun.id': run,
        'runAgain.id': run,
        'retryJob.id': job,
        'cancelDeployment.id': deployment,
        'deleteEnvironment.id': environment,
      },
      ...{
        'createBranch.name': 'new',
        'createProject.name': 'of-my-own',
        'createEnvironment.name': 'more',
        'createRepository.name': 'more',
      },
      ...{ 'setSecret.name': 'A_SECRET', 'deleteSecret.name': 'A_SECRET', value: 'a value', draining: false, strategy: undefined },
      ...{ jobId: job, 'job.id': job, test_id: job, 'run.id': run, 'runChanged.id': run, attemptId: attempt, env_name: 'other' },
      ...{ 'environment.name': 'staging', environmentId: environment, 'updateEnvironment.id': environment, env_id: environment },
      ...{ 'environmentChanged.id': environment, releaseId: release, 'deployment.id': deployment, deployment_id: deployment },
    },
  };
}

const codeOf = (answer: LightMyRequestResponse): string | null => {
  if (!answer.headers['content-type']?.includes('json') || answer.body === '') return null;
  const { errors, error } = answer.json() as { errors?: { extensions?: { code?: string } }[]; error?: { code?: string } };
  return errors?.[0]?.extensions?.code ?? error?.code ?? null;
};

/** @returns the code of the refusal; null: it was done. What is the server's own fault fails the test. */
async function ask(what: string, request: InjectOptions): Promise<string | null> {
  const answer = await server.app.inject(request);
  const code = codeOf(answer);
  const isOurFault = code === 'internal_error' || [500, 502].includes(answer.statusCode);
  expect(isOurFault, `${what}: ${JSON.stringify(request.payload)?.slice(0, 2_000)} ${JSON.stringify(server.errors.at(-1))}`).toBe(false);
  return code;
}

describe('whatever is given', { timeout: 300_000 }, () => {
  it('to a field of GraphQL is taken, or refused as the fault of the caller', async () => {
    const codes = new Set<string | null>();
    for (const { field, kind, query, variables } of hostileOperations(schema, known, SEED, EACH)) {
      if (kind === 'subscription') continue;
      const headers = { ...server.signedIn, 'content-type': 'application/json' };
      codes.add(await ask(field, { method: 'POST', url: '/graphql', headers, payload: { query, variables } }));
    }
    expect(codes.size).toBeGreaterThan(20);
    // The operations are ones of this schema; only what is given to them is wrong.
    expect(codes).not.toContain('GRAPHQL_VALIDATION_FAILED');
    expect(codes).toContain(null);
  });

  it('to a call of REST is taken, or refused as the fault of the caller', async () => {
    const api = (await server.app.inject('/api/v1/openapi.json')).json() as OpenApi;
    const codes = new Set<string | null>();
    for (const { name, request } of hostileCalls(api, known, SEED, 4 * EACH)) {
      const headers = { ...request.headers, authorization: `Bearer ${server.token}` };
      codes.add(await ask(name, { ...request, headers }));
    }
    expect(codes).toContain('bad_input');
  });

  it('in an address is found, or is not there', async () => {
    for (const { name, request } of hostileAddresses(known))
      await ask(name, { ...request, headers: { ...request.headers, ...server.signedIn } });
  });
});

/** What a person may do who is a member of no project. */
const OF_ONES_OWN = ['Mutation.createProject', 'Mutation.createToken', 'Mutation.setPassword', 'Mutation.signIn'];

it('nothing of a project is shown to, or done for, who is no member of it, or not signed in', { timeout: 120_000 }, async () => {
  const { database, project, repository, at, token } = server;
  const { id } =
    (
      await database.query<{ id: string }>(
        `insert into users (id, name, email) values (gen_random_uuid(), 'Eve', 'eve@example.test') returning id`,
      )
    )[0] ?? {};
  const stranger = await createToken(database, { userId: id ?? '', name: 'eve', expiresInDays: null });
  const run = async (query: string, variables: object, as: string | null) => {
    const headers = { 'content-type': 'application/json', ...(as ? { authorization: `Bearer ${as}` } : {}) };
    const answer = await server.app.inject({ method: 'POST', url: '/graphql', headers, payload: { query, variables } });
    return { data: ((answer.json() as { data?: Record<string, unknown> }).data ?? {}) as Record<string, unknown>, code: codeOf(answer) };
  };
  const told = [...known.ids.filter((each) => each !== ''), project, repository.sha, at.userId];
  const operations = properOperations(schema, known).filter(({ kind }) => kind !== 'subscription');
  for (const { field, kind, query, variables } of operations)
    for (const as of [stranger.secret, null]) {
      const { data } = await run(query, variables, as);
      expect(
        told.filter((each) => JSON.stringify(data).includes(each)),
        `${field} for ${as ? 'a stranger' : 'nobody'}`,
      ).toEqual([]);
      if (kind === 'mutation' && !OF_ONES_OWN.includes(field))
        expect(
          Object.values(data).filter((value) => value !== null),
          field,
        ).toEqual([]);
    }
  // The same operations do work: for a member.
  const done: string[] = [];
  for (const { field, query, variables } of operations) if ((await run(query, variables, token)).code === null) done.push(field);
  expect(done.length).toBeGreaterThan(25);
});

it('what is given is not repeated at length, however often it is wrong', async () => {
  const query = `query ($x: ID!) { ${Array.from({ length: 19 }, (_, n) => `a${n}: run(id: $x) { id }`).join(' ')} }`;
  const headers = { ...server.signedIn, 'content-type': 'application/json' };
  const answer = await server.app.inject({
    method: 'POST',
    url: '/graphql',
    headers,
    payload: { query, variables: { x: 'x'.repeat(900_000) } },
  });
  expect(codeOf(answer)).toBe('run_not_found');
  expect(answer.body.length).toBeLessThan(20_000);
});

describe('a token that is not good', () => {
  const routes: InjectOptions[] = [
    { method: 'POST', url: '/graphql', payload: { query: '{ viewer { id } }' } },
    { method: 'GET', url: '/graphql?query=%7Bviewer%7Bid%7D%7D' },
    { method: 'GET', url: '/api/v1/repo/details?repo_url=x' },
    { method: 'POST', url: '/api/v1/environments', payload: {} },
    { method: 'GET', url: '/api/artifacts/019c0000-0000-7000-8000-000000000000' },
    { method: 'GET', url: '/api/agent/artifacts/0000000000000000000000000000000000000000000000000000000000000000' },
    { method: 'PUT', url: '/api/agent/attempts/x/artifacts/y', payload: 'x' },
    { method: 'GET', url: '/api/logs/019c0000-0000-7000-8000-000000000000.txt' },
    { method: 'GET', url: '/git/x/app.git/info/refs?service=git-upload-pack' },
    { method: 'POST', url: '/git/x/app.git/git-receive-pack', payload: '0000' },
  ];

  it('is 401 wherever it is shown', async () => {
    const { database, at, errors } = server;
    const expired = await createToken(database, { userId: at.userId, name: 'old', expiresInDays: 1 });
    await database.query(`update tokens set expires_at = now() - interval '1 second' where id = $1`, [expired.token.id]);
    const revoked = await createToken(database, { userId: at.userId, name: 'gone', expiresInDays: null });
    await revokeToken(database, { id: revoked.token.id, userId: at.userId });
    for (const token of [expired.secret, revoked.secret, 'slp_x', 'x'.repeat(5_000), '\u00ff', "'", '%00'])
      for (const route of routes) {
        const answer = await server.app.inject({ ...route, headers: { authorization: `Bearer ${token}` } });
        expect([answer.statusCode, answer.headers['www-authenticate'] !== undefined], `${token} at ${route.url}: ${answer.body}`).toEqual([
          401,
          true,
        ]);
      }
    expect(errors).toEqual([]);
  });
});
