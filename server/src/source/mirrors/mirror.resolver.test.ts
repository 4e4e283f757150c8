import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Access } from '../../people/access/access.js';
import { ProjectQueries } from '../../people/projects/project.queries.js';
import { ProjectResolver } from '../../people/projects/project.resolver.js';
import { ProjectActivityFeed } from '../../people/projects/project-activity.js';
import { Changes } from '../../platform/changes.js';
import type { Database } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { LiveReads } from '../../platform/live.js';
import { testDatabase } from '../../testing/database.js';
import { sqlOf, testGraph } from '../../testing/graphql.js';
import { createRepositoryWith } from '../repositories/create-repository.js';
import { RepositoryQueries } from '../repositories/repositories.queries.js';
import { RepositoryResolver } from '../repositories/repository.resolver.js';
import { ProjectRepositoriesResolver } from '../repositories/repository-edges.resolver.js';
import { RepositoryLiveResolver } from '../repositories/repository-live.resolver.js';
import { MirrorQueries } from './mirror.queries.js';
import { MirrorResolver, RepositoryHostResolver, WebhookAddressResolver } from './mirror.resolver.js';
import { GitHost } from './testing/git-host.js';
import { aProject, mirroring } from './testing/mirroring.js';

const SECRET = 'hunter2-hunter2';
const SHOWN = `id name kind url host defaultBranch connection { state fetchedAt failingSince error { code message } pollEverySeconds apiUrl
  credentialKind username publicKey hostKeyFingerprints offeredHostKey lastDeliveryAt webhookPath webhookSecret }`;
const ADD = `mutation ($p: String!, $n: String!, $c: HostConnectionInput!) { addRepository(project: $p, name: $n, connection: $c) { ${SHOWN} } }`;
const LIST = `query ($p: String!) { project(name: $p) { repositories { ${SHOWN} } } }`;
type Shown = { id: string; name: string; kind: string; url: string | null; connection: Record<string, unknown> | null };

let db: Database & { close(): Promise<void> };
let host: GitHost;
let here: Awaited<ReturnType<typeof mirroring>>;
let graph: ReturnType<typeof testGraph>;
let project: string;
let owner: { userId: string; isAdmin: boolean };
let viewer: { userId: string; isAdmin: boolean };

beforeAll(async () => {
  db = await testDatabase();
  host = await GitHost.make();
  host.signIn = { user: 'ci', password: SECRET };
  await host.tree.commit('first');
  await host.push('main');
  here = await mirroring({ db });
  const at = await aProject(db);
  project = `p-${at.projectId.slice(-12)}`;
  owner = { userId: at.userId, isAdmin: false };
  viewer = { userId: newId(), isAdmin: false };
  await db.query('insert into users (id, name, email) values ($1, $2, $3)', [viewer.userId, 'Grace', `${viewer.userId}@example.test`]);
  await db.query(`insert into project_members (project_id, user_id, role) values ($1, $2, 'developer')`, [at.projectId, viewer.userId]);
  graph = testGraph(db, resolvers());
});
afterAll(async () => {
  await here.fetcher.stop();
  await here.hosted.remove();
  await host[Symbol.asyncDispose]();
  await db.close();
});

function resolvers(): object[] {
  const [queries, projects, access] = [new RepositoryQueries(db), new ProjectQueries(db), new Access(db)];
  const changes = new Changes();
  db.onChanged((key) => changes.emit(key));
  const live = new LiveReads(changes, (error) => expect.fail(String(error)));
  return [
    new ProjectResolver(db, projects, access, new ProjectActivityFeed(live, projects, access)),
    new RepositoryResolver(queries, createRepositoryWith({ db, store: here.hosted.store })),
    new RepositoryLiveResolver(queries, live),
    new ProjectRepositoriesResolver(queries),
    new MirrorResolver(queries, here.connect),
    new RepositoryHostResolver(new MirrorQueries(db)),
    new WebhookAddressResolver({
      mayManage: (actor, id) => access.may(actor, 'repository.manage', [{ thing: 'repository', id }]),
      webhookSecret: (id) => here.ports.webhookSecret(id),
    }),
  ];
}

const connection = (over: object = {}) => ({ url: host.url(), credential: { kind: 'PASSWORD', username: 'ci', secret: SECRET }, ...over });
const listed = async (as = owner): Promise<Shown[]> => {
  const { data, errors } = await graph.run(as, LIST, { p: project });
  expect(errors).toEqual([]);
  return (data as { project: { repositories: Shown[] } }).project.repositories;
};
const ofName = async (name: string, as = owner) => (await listed(as)).find((repository) => repository.name === name);

describe('external repositories over GraphQL', () => {
  it('are checked, added and fetched, and show how they stand but never their credential', async () => {
    const check = `mutation ($p: String!, $c: HostConnectionInput!) { checkRemote(project: $p, connection: $c) { url host apiUrl read defaultBranch branches tags hostKeyFingerprints } }`;
    expect((await graph.run(owner, check, { p: project, c: connection() })).data?.checkRemote).toMatchObject({
      read: true,
      defaultBranch: 'main',
      branches: 1,
    });
    const { data, errors } = await graph.run(owner, ADD, { p: project, n: 'mirror', c: connection({ host: 'GITEA' }) });
    expect(errors).toEqual([]);
    const made = data?.addRepository as Shown;
    expect(made).toMatchObject({
      kind: 'EXTERNAL',
      url: host.url(),
      connection: { state: 'FETCHING', fetchedAt: null, username: 'ci', pollEverySeconds: 300 },
    });
    await here.ports.fetchNow(made.id);
    const shown = await ofName('mirror');
    expect(shown).toMatchObject({
      defaultBranch: 'main',
      host: 'GITEA',
      connection: { state: 'FRESH', failingSince: null, error: null, credentialKind: 'PASSWORD', webhookPath: `/webhooks/${made.id}` },
    });
    expect(shown?.connection?.webhookSecret).toMatch(/^[0-9A-Za-z]{43}$/);
    expect(JSON.stringify([made, shown])).not.toContain(SECRET);
    expect(await ofName('app')).toMatchObject({ kind: 'HOSTED', url: null, host: null, connection: null });
  });

  it('say since when they are stale and why, and are fetched again by hand', async () => {
    const id = (await ofName('mirror'))?.id ?? '';
    host.signIn = { user: 'ci', password: 'another' };
    await here.ports.fetchNow(id).catch(() => undefined);
    expect((await ofName('mirror'))?.connection).toMatchObject({
      state: 'STALE',
      failingSince: expect.any(String),
      error: { code: 'access_denied' },
    });
    host.signIn = { user: 'ci', password: SECRET };
    const { errors } = await graph.run(viewer, 'mutation ($id: ID!) { fetchRepository(id: $id) { id } }', { id });
    expect(errors).toEqual([]);
    await here.ports.fetchNow(id);
    expect((await ofName('mirror'))?.connection).toMatchObject({ state: 'FRESH' });
  });

  it('are live: as they stand first, then each time the mirror fails or is well again; for members of the project alone', async () => {
    const id = (await ofName('mirror'))?.id ?? '';
    const watch = 'subscription ($id: ID!) { repositoryChanged(id: $id) { name connection { state error { code } } } }';
    const events = graph.watch(viewer, watch, { id });
    const next = async () => (await events.next()).value?.data?.repositoryChanged as Shown;
    const until = async (state: string) => {
      let shown: Shown;
      do shown = await next();
      while (shown.connection?.state !== state);
      return shown;
    };
    expect(await next()).toEqual({ name: 'mirror', connection: { state: 'FRESH', error: null } });
    host.signIn = { user: 'ci', password: 'another' };
    await here.ports.fetchNow(id).catch(() => undefined);
    expect((await until('STALE')).connection).toMatchObject({ error: { code: 'access_denied' } });
    host.signIn = { user: 'ci', password: SECRET };
    await here.ports.fetchNow(id);
    expect((await until('FRESH')).connection).toMatchObject({ error: null });
    await events.return(undefined);
    const stranger = { userId: newId(), isAdmin: false };
    expect((await graph.watch(stranger, watch, { id }).next()).value?.errors[0]?.extensions?.code).toBe('repository_not_found');
  });

  it('tell the webhook secret to those who manage them alone, and let nobody else change them', async () => {
    const shown = await ofName('mirror', viewer);
    expect(shown?.connection).toMatchObject({ webhookSecret: null, state: 'FRESH' });
    const change = `mutation ($id: ID!, $c: HostConnectionChange!) { changeRepositoryConnection(id: $id, change: $c) { ${SHOWN} } }`;
    const by = (as: typeof owner, c: object) => graph.run(as, change, { id: shown?.id, c });
    expect((await by(viewer, { pollEverySeconds: 60 })).errors[0]?.extensions?.code).toBe('forbidden');
    expect((await graph.run(viewer, ADD, { p: project, n: 'x', c: connection() })).errors[0]?.extensions?.code).toBe('forbidden');
    expect((await by({ userId: newId(), isAdmin: false }, {})).errors[0]?.extensions?.code).toBe('repository_not_found');
    expect((await by(owner, { pollEverySeconds: 60, url: null, host: null })).data?.changeRepositoryConnection).toMatchObject({
      url: host.url(),
      connection: { pollEverySeconds: 60, credentialKind: 'PASSWORD' },
    });
    const accept = 'mutation ($id: ID!) { acceptHostKey(id: $id, fingerprint: "SHA256:x") { id } }';
    expect((await graph.run(owner, accept, { id: shown?.id })).errors[0]?.extensions?.code).toBe('no_host_key');
    expect((await graph.run(owner, accept, { id: (await ofName('app'))?.id })).errors[0]?.extensions?.code).toBe('not_external');
  });

  it('cost no statement each in a list', async () => {
    const query = `query ($p: String!) { project(name: $p) { repositories { kind url connection { state hostKeyFingerprints webhookPath } } } }`;
    const count = async () => (await sqlOf(db, () => graph.run(owner, query, { p: project }))).length;
    const few = await count();
    await host.create('second');
    await graph.run(owner, ADD, { p: project, n: 'second', c: connection({ url: host.url('second') }) });
    expect(await count()).toBe(few);
  });
});
