import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { JobQueries } from '../../build/jobs/job.queries.js';
import { readPipelineAt } from '../../build/pipelines/read-pipeline.js';
import { RunQueries } from '../../build/runs/run.queries.js';
import { composeBranches } from '../../compose/branches.js';
import { composeRest } from '../../compose/rest.js';
import { aWorld } from '../../deliver/deployments/testing/world.js';
import { Access } from '../../people/access/access.js';
import type { Role } from '../../people/access/actor.js';
import { Authenticator } from '../../people/access/authenticator.js';
import { setProjectRole } from '../../people/access/project-role.js';
import { SessionCookie } from '../../people/access/session-cookie.js';
import { createToken } from '../../people/access/token.js';
import { Changes } from '../../platform/changes.js';
import { runGit } from '../../platform/git.js';
import { createHttp } from '../../platform/http/create-http.js';
import { newId } from '../../platform/ids.js';
import { Metrics } from '../../platform/metrics.js';
import { hosting } from '../../source/repositories/testing/hosted.js';
import { WorkTree } from '../../source/repositories/testing/work-tree.js';
import { silent } from '../../testing/graphql.js';
import type { OpenApi } from '../open-api.js';

export type RestAnswer = {
  status: number;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  code: string | undefined;
  message: string;
};
type Fields = Record<string, unknown>;
export type Sent = { token?: string | null; query?: Record<string, string>; body?: Fields; headers?: Record<string, string> };

/** REST v1 over real HTTP, Postgres and Git; at the other end of deployments is the world's fake machine. */
export async function serveRest() {
  const world = await aWorld();
  const { database } = world;
  const hosted = await hosting({ db: database, readPipeline: readPipelineAt });
  const pushes = hosted.ingest(world.startRun);
  const callers = new Authenticator(database, new Changes(), new SessionCookie(new Uint8Array(32)));
  const app = await createHttp({
    log: silent,
    metrics: new Metrics(),
    metricsToken: null,
    readiness: [],
    webDir: join(import.meta.dirname, 'none'),
    trustedProxies: 0,
    publicUrl: null,
    hsts: true,
  });
  const features = {
    startRun: world.startRun,
    store: hosted.store,
    branches: composeBranches({ database, store: hosted.store, pushes }),
    runs: new RunQueries(database),
    jobs: new JobQueries(database),
    ports: { first: 20_000, last: 24_999 },
  };
  await app.register(
    composeRest({ database, access: new Access(database), features, byToken: (token) => callers.byToken(token), publicUrl: null }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const api = (await (await fetch(`${origin}/api/v1/openapi.json`)).json()) as OpenApi;
  const known = { token: '', project: '', repoUrl: '' };

  /** A token of somebody with that role in the world's project; null: none there. */
  async function tokenFor(role: Role | null): Promise<string> {
    const userId = newId();
    await database.query(`insert into users (id, name, email) values ($1, 'Bob', $2)`, [userId, `${userId}@example.test`]);
    await database.transaction((tx) => setProjectRole(tx, { projectId: world.at.projectId, userId, role }));
    return (await createToken(database, { userId, name: 'script', expiresInDays: null })).secret;
  }

  /** An installation with one project, an admin of it and a repository `app` without commits. */
  async function reset(): Promise<void> {
    await world.reset();
    await hosted.store.init(world.at.repositoryId);
    const { secret } = await createToken(database, { userId: world.at.userId, name: 'script', expiresInDays: null });
    const project = `p-${world.at.projectId.slice(-12)}`;
    Object.assign(known, { token: secret, project, repoUrl: `${origin}/git/${project}/app.git` });
  }

  /** Pushes one commit with these files to a branch. @returns its sha */
  async function push(branch: string, files: Record<string, string>): Promise<string> {
    await using tree = await WorkTree.make();
    const sha = await tree.commit('Work', files);
    const gitDir = hosted.store.folder(world.at.repositoryId);
    await tree.git('push', '--quiet', '--force', gitDir, 'HEAD:refs/slipway/incoming');
    await runGit(['update-ref', `refs/heads/${branch}`, sha], { gitDir, ...hosted.store.writing(world.at.userId) });
    await pushes.ingest(world.at.repositoryId);
    return sha;
  }

  async function call(path: string, method: string, { token = known.token, query, body, headers }: Sent = {}): Promise<RestAnswer> {
    const given: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    const typed: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await send(`${origin}/api/v1${path}${query ? `?${new URLSearchParams(query)}` : ''}`, {
      method,
      headers: { ...given, ...typed, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (answer.status < 300) mustBeAsDescribed(api, `/api/v1${path}`, method, answer);
    return answer;
  }

  return {
    world,
    store: hosted.store,
    database,
    origin,
    known,
    reset,
    push,
    tokenFor,
    call,
    get: (path: string, query: Record<string, string>, sent: Sent = {}) => call(path, 'GET', { query, ...sent }),
    post: (path: string, body: Fields, sent: Sent = {}) => call(path, 'POST', { body, ...sent }),
    async close(): Promise<void> {
      await app.close();
      await hosted.remove();
      await world.close();
    },
  };
}
export type RestServer = Awaited<ReturnType<typeof serveRest>>;

/** Every good answer of every test is what the description says that it is. @throws ZodError */
function mustBeAsDescribed({ paths }: OpenApi, path: string, method: string, { status, body }: RestAnswer): void {
  const described = paths[path]?.[method.toLowerCase()]?.responses[status];
  if (!described) throw new Error(`${method} ${path} is not described as answering ${status}.`);
  z.fromJSONSchema(described.content['application/json'].schema as Parameters<typeof z.fromJSONSchema>[0]).parse(body);
}

/** With `node:http`, as curl would: `fetch` refuses to send a body with GET. */
export function send(
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string | undefined },
): Promise<RestAnswer> {
  return new Promise((resolve, reject) => {
    const unmeasured = init.body === undefined || init.headers['transfer-encoding'];
    const length = unmeasured ? {} : { 'content-length': String(Buffer.byteLength(init.body ?? '')) };
    const sent = request(url, { method: init.method, headers: { ...length, ...init.headers } }, (response) => {
      text(response).then((answer) => resolve(read(response, answer)), reject);
    });
    sent.once('error', reject);
    sent.end(init.body);
  });
}

function read({ statusCode = 0, headers }: IncomingMessage, answer: string): RestAnswer {
  const body = answer === '' ? {} : (JSON.parse(answer) as Record<string, unknown>);
  const { code, message } = (body.error ?? {}) as { code?: string; message?: string };
  return { status: statusCode, headers, body, code, message: message ?? '' };
}
