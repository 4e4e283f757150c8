import { once } from 'node:events';
import { getIntrospectionQuery } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { AccountResolver } from './people/access/account.resolver.js';
import { PasswordGuesses } from './people/access/password-guesses.js';
import { setProjectRole } from './people/access/project-role.js';
import { SignIn } from './people/access/sign-in.js';
import { createSignInLink } from './people/access/sign-in-link.js';
import { createToken, revokeToken } from './people/access/token.js';
import { UserQueries } from './people/access/user.queries.js';
import { createProject } from './people/projects/create-project.js';
import { ProjectQueries } from './people/projects/project.queries.js';
import { ProjectResolver } from './people/projects/project.resolver.js';
import { ProjectActivityFeed } from './people/projects/project-activity.js';
import type { Database } from './platform/database.js';
import { newId } from './platform/ids.js';
import { testDatabase } from './testing/database.js';
import { silent } from './testing/graphql.js';
import { serveGraph } from './testing/serve-graph.js';

type Shown = { message: string; extensions?: { code?: string } };

let database: Database & { close(): Promise<void> };
let server: Awaited<ReturnType<typeof serveGraph>>;
let owner: { userId: string; token: string; tokenId: string };

beforeAll(async () => {
  database = await testDatabase();
  server = await serveGraph(database, ({ live, access, cookie }) => {
    const guesses = new PasswordGuesses(silent);
    const queries = new ProjectQueries(database);
    return [
      new AccountResolver(database, new UserQueries(database), new SignIn(database, guesses), guesses, cookie),
      new ProjectResolver(database, queries, access, new ProjectActivityFeed(live, queries, access)),
    ];
  });
  owner = await aUser();
  await createProject(database, { name: 'shop', ownerId: owner.userId });
});
afterAll(async () => {
  await server.close();
  await database.close();
});

async function aUser() {
  const userId = newId();
  await database.query('insert into users (id, name, email) values ($1, $2, $3)', [userId, 'Grace', `${userId}@example.test`]);
  const { token, secret } = await createToken(database, { userId, name: 'test', expiresInDays: null });
  return { userId, token: secret, tokenId: token.id };
}

async function overHttp(
  query: string,
  variables = {},
  token: string | null = owner.token,
  operationName?: string,
): Promise<{ status: number; data: unknown; errors: Shown[] }> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables, operationName }),
  });
  const { data, errors = [] } = (await response.json()) as { data: unknown; errors?: Shown[] };
  return { status: response.status, data, errors };
}

async function overSocket(
  query: string,
  variables = {},
  token: string | null = owner.token,
  operationName?: string,
): Promise<{ data: unknown; errors: Shown[] }> {
  const client = server.socketClient(token ?? undefined);
  try {
    for await (const result of client.iterate({ query, variables, operationName }))
      return { data: result.data, errors: (result.errors ?? []) as Shown[] };
    return { data: null, errors: [] };
  } catch (errors) {
    return { data: null, errors: errors as Shown[] };
  } finally {
    await client.dispose();
  }
}

const codesOf = (answer: { errors: Shown[] }) => answer.errors.map((error) => error.extensions?.code);
const nested = (depth: number) => `{ ${'__typename ... on Query { '.repeat(depth)}viewer { id }${' }'.repeat(depth)} }`;
const FACTS = `fragment All on Project { ${'...Facts '.repeat(20)} } fragment Facts on Project { id name createdAt __typename }`;
const deep = `{ projects { edges { node { ${'x { '.repeat(50)} id ${'}'.repeat(50)} } } } }`;

describe.each([
  ['HTTP', overHttp],
  ['web sockets', overSocket],
])('over %s', (_transport, ask) => {
  it('answers an operation within the limits', async () => {
    expect(await ask('query ($first: Int) { projects(first: $first) { edges { node { name } } } }', { first: 100 })).toMatchObject({
      data: { projects: { edges: [{ node: { name: 'shop' } }] } },
      errors: [],
    });
  });

  it('refuses before execution what nests too deep, renames, says or costs too much', async () => {
    expect(codesOf(await ask(deep))).toContain('too_deep');
    expect(codesOf(await ask(`{ ${Array.from({ length: 500 }, (_, i) => `a${i}: viewer { id }`).join(' ')} }`))).toContain(
      'too_many_aliases',
    );
    expect(codesOf(await ask(`{ ${'viewer { id } '.repeat(8_000)} }`))).toEqual(['GRAPHQL_PARSE_FAILED']);
    const costly = Array.from({ length: 20 }, (_, i) => `a${i}: projects(first: 100) { edges { node { ...All } } }`).join(' ');
    expect(codesOf(await ask(`{ ${costly} } ${FACTS}`))).toEqual(['too_costly']);
    expect(codesOf(await ask(nested(11)))).toEqual([]);
  });

  it('refuses fragments that go in circles or double at each step', async () => {
    expect(codesOf(await ask('{ viewer { ...a } } fragment a on User { ...b } fragment b on User { ...a }'))).toContain(
      'GRAPHQL_VALIDATION_FAILED',
    );
    const doubling = Array.from({ length: 30 }, (_, i) => `fragment f${i} on User { ...f${i + 1} ...f${i + 1} }`).join(' ');
    const answer = await ask(`{ viewer { ...f0 } } ${doubling} fragment f30 on User { id }`);
    expect(answer.errors).not.toEqual([]);
  });

  it.each([-1, 0, 101, 1_000_000])('refuses a page of %i, given as variable too', async (first) => {
    expect(codesOf(await ask(`{ projects(first: ${first}) { edges { cursor } } }`))).toEqual(['bad_page_size']);
    expect(codesOf(await ask('query ($n: Int) { projects(first: $n) { edges { cursor } } }', { n: first }))).toEqual(['bad_page_size']);
  });

  it('shows the schema to who is signed in alone, and names of it in no suggestion', async () => {
    for (const query of [
      '{ __schema { types { name } } }',
      '{ viewer { id } ...x } fragment x on Query { __type(name: "User") { name } }',
    ]) {
      expect((await ask(query)).errors).toEqual([]);
      expect(codesOf(await ask(query, {}, null))).toEqual(['unauthenticated']);
    }
    expect((await ask(getIntrospectionQuery())).errors).toEqual([]);
    const [error] = (await ask('{ project { id } viewr { id } }')).errors;
    expect(JSON.stringify(error)).not.toContain('Did you mean');
  });

  it('lets strangers do what signing in needs, and refuses the rest before it costs anything', async () => {
    expect(await ask('{ __typename viewer { id } }', {}, null)).toMatchObject({ data: { viewer: null }, errors: [] });
    const refused = [
      '{ projects { edges { cursor } } }',
      '{ viewer { id } ...more } fragment more on Query { ... { myTokens { id } } }',
      `{ ${'viewer { id } '.repeat(990)} }`,
      `{ viewer { id } ${'#'.repeat(10_000)}\n }`,
    ];
    for (const query of refused) expect(codesOf(await ask(query, {}, null))).toEqual(['unauthenticated']);
    expect(codesOf(await ask('{ a: viewer { id } b: viewer { id } c: viewer { id } }', {}, null))).toEqual(['too_many_root_fields']);
  });

  it('refuses an operation that the document does not have, or that is one of several', async () => {
    const several = 'query a { viewer { id } } query b { viewer { id } }';
    for (const [query, operationName] of [
      ['{ viewer { id } }', 'x'],
      [several, 'x'],
      [several, ''],
      [several, undefined],
    ] as const)
      expect(codesOf(await ask(query, {}, owner.token, operationName))).toEqual(['OPERATION_RESOLUTION_FAILURE']);
    expect((await ask(several, {}, owner.token, 'b')).errors).toEqual([]);
  });

  it('refuses variables that nothing needs', async () => {
    const query = 'query ($first: Int, $name: String!) { projects(first: $first) { edges { cursor } } project(name: $name) { id } }';
    const nested = JSON.parse(`${'['.repeat(1_000)}1${']'.repeat(1_000)}`) as unknown;
    expect(codesOf(await ask(query, { name: nested }))).toEqual(['too_deep']);
    expect(codesOf(await ask(query, { name: Array(30_000).fill(1) }))).toEqual(['too_many_values']);
    expect(codesOf(await ask(query, { name: 'half \ud800 a pair' }))).toEqual(['bad_text']);
    expect(codesOf(await ask(query, { name: JSON.parse('{"__proto__": {"isAdmin": true}}') as unknown }))).toEqual(['bad_key']);
  });

  it("answers not found to another project's name, and forbidden to nobody who can't read it", async () => {
    const stranger = await aUser();
    expect(codesOf(await ask('{ project(name: "shop") { id } }', {}, stranger.token))).toEqual(['project_not_found']);
    expect(codesOf(await ask('{ project(name: "nothing") { id } }'))).toEqual(['project_not_found']);
    expect(codesOf(await ask('mutation { createProject(name: "Not A Slug") { id } }'))).toEqual(['bad_project_name']);
  });
});

describe('over HTTP', () => {
  it('says where subscriptions run', async () => {
    for (const token of [owner.token, null])
      expect(codesOf(await overHttp('subscription { projectActivity { project { id } } }', {}, token))).toEqual([
        token ? 'subscription_over_http' : 'unauthenticated',
      ]);
  });

  it('takes no mutation by GET, no form-like POST, no batch, and no wrong token', async () => {
    const get = await fetch(`${server.url}/graphql?query=${encodeURIComponent('mutation { signOut }')}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(get.status).toBe(405);
    expect(get.headers.get('allow')).toBe('POST');
    const form = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{"query":"{viewer{id}}"}',
    });
    expect(form.status).toBe(415);
    const body = JSON.stringify(Array.from({ length: 1_000 }, () => ({ query: '{ viewer { id } }' })));
    const batch = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${owner.token}` },
      body,
    });
    expect(batch.status).toBe(400);
    expect(await overHttp('{ viewer { id } }', {}, 'slp_wrong')).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'bad_token' } }],
    });
  });

  it('signs in by link with a cookie that scripts cannot read and a key, and out again', async () => {
    const link = await createSignInLink(database, owner.userId);
    const post = (query: string, headers = {}) =>
      fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      });
    const signedIn = await post(`mutation { signIn(link: "${link}") { user { id } sessionKey } }`);
    const cookie = signedIn.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^slipway_[0-9a-f]{12}=[0-9A-Za-z]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    const { data } = (await signedIn.json()) as { data: { signIn: { sessionKey: string } } };
    const session = { cookie: cookie.split(';')[0] ?? '', 'x-slipway-session-key': data.signIn.sessionKey };
    expect(await (await post('{ viewer { id } }', session)).json()).toEqual({ data: { viewer: { id: owner.userId } } });
    expect(await (await post('{ viewer { id } }', { cookie: session.cookie })).json()).toEqual({ data: { viewer: null } });
    const made = (await (await post('mutation { createToken(name: "ci") { secret } }', session)).json()) as object;
    expect(made).toMatchObject({ data: { createToken: { secret: expect.stringMatching(/^slp_/) } } });
    await post('mutation { signOut }', session);
    expect(await (await post('{ viewer { id } }', session)).json()).toEqual({ data: { viewer: null } });
    const anonymous = (await (await post('{ projects { edges { cursor } } }', session)).json()) as { errors: Shown[] };
    expect(codesOf(anonymous)).toEqual(['unauthenticated']);
  });

  it.each(['setPassword(password: "a new password") { id }', 'createToken(name: "more") { secret }'])(
    'refuses a token to %s, over web sockets too',
    async (field) => {
      for (const ask of [overHttp, overSocket]) expect(codesOf(await ask(`mutation { ${field} }`))).toEqual(['needs_session']);
      expect(await database.query('select 1 from users where id = $1 and password_hash is not null', [owner.userId])).toEqual([]);
    },
  );

  it.each(['Bearer slp_wrong', 'Bearer', 'Basic %%%', 'Negotiate abc', ''])(
    'answers 401 to "Authorization: %s" and says what is wanted',
    async (authorization) => {
      const answer = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: '{"query":"{ viewer { id } }"}',
      });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="Slipway"']);
      expect(codesOf((await answer.json()) as { errors: Shown[] })).toEqual(['bad_token']);
    },
  );
});

describe('over web sockets', () => {
  async function closeCodeOf(options: { origin?: string; send: string[] }): Promise<number> {
    const socket = new WebSocket(server.socketUrl, 'graphql-transport-ws', options.origin ? { origin: options.origin } : {});
    socket.on('open', () => {
      for (const message of options.send) socket.send(message);
    });
    const [code] = (await once(socket, 'close')) as [number];
    return code;
  }
  const init = JSON.stringify({ type: 'connection_init' });
  const begin = JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { projectActivity { project { id } } }' } });

  it("closes with the protocol's codes", async () => {
    expect(await closeCodeOf({ send: [begin] })).toBe(4401);
    expect(await closeCodeOf({ send: [init, init] })).toBe(4429);
    expect(await closeCodeOf({ send: ['{'] })).toBe(4400);
    expect(await closeCodeOf({ send: [JSON.stringify({ type: 'connection_init', payload: { token: 'slp_wrong' } })] })).toBe(4403);
    expect(await closeCodeOf({ send: ['x'.repeat(1024 * 1024)] })).toBe(1009);
  });

  it('gives who does not say who they are little room', async () => {
    expect(await closeCodeOf({ send: Array<string>(12).fill(JSON.stringify({ type: 'ping' })) })).toBe(4429);
    expect(await closeCodeOf({ send: [JSON.stringify({ type: 'connection_init', payload: { x: 'x'.repeat(20_000) } })] })).toBe(1009);
    const socket = new WebSocket(server.socketUrl, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(init);
    await once(socket, 'message');
    for (let id = 0; id < 120; id++)
      socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query: '{ viewer { id } }' } }));
    expect((await once(socket, 'close'))[0]).toBe(4429);
  });

  it('knows a caller by the Authorization among the connection parameters', async () => {
    for (const connectionParams of [{ Authorization: `Bearer ${owner.token}` }, { authorization: `bearer ${owner.token}` }]) {
      const client = createClient({ url: server.socketUrl, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams });
      const answers = client.iterate({ query: '{ viewer { id } }' });
      expect(await answers.next()).toMatchObject({ value: { data: { viewer: { id: owner.userId } } } });
      await client.dispose();
    }
    const odd: unknown[] = ['Bearer slp_wrong', '', 1, true, {}, [`Bearer ${owner.token}`], { toString: 1 }];
    for (const payload of odd.flatMap((given) => [{ Authorization: given }, { token: given }]))
      expect(await closeCodeOf({ send: [JSON.stringify({ type: 'connection_init', payload })] }), JSON.stringify(payload)).toBe(4403);
  });

  it('refuses a page of another site', async () => {
    const socket = new WebSocket(server.socketUrl, 'graphql-transport-ws', { origin: 'https://evil.example' });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('403');
  });

  it('begins with the present state and goes on with each change, new projects included', async () => {
    const user = await aUser();
    const events = server.socketClient(user.token).iterate({ query: 'subscription { projectActivity { project { name } } }' });
    await createProject(database, { name: 'first-one', ownerId: user.userId });
    expect(await events.next()).toMatchObject({ value: { data: { projectActivity: { project: { name: 'first-one' } } } } });
    await createProject(database, { name: 'second-one', ownerId: user.userId });
    expect(await events.next()).toMatchObject({ value: { data: { projectActivity: { project: { name: 'second-one' } } } } });
    await events.return?.(undefined);
  });

  it('ends a subscription when the role that allowed it is withdrawn', async () => {
    const user = await aUser();
    const projectId = await createProject(database, { name: `p-${user.userId.slice(0, 8)}-role`, ownerId: owner.userId });
    await database.transaction((tx) => setProjectRole(tx, { projectId, userId: user.userId, role: 'viewer' }));
    const query = 'subscription ($project: String) { projectActivity(project: $project) { project { id } } }';
    const events = server.socketClient(user.token).iterate({ query, variables: { project: projectId } });
    expect(await events.next()).toMatchObject({ value: { data: { projectActivity: { project: { id: projectId } } } } });
    const ended = events.next();
    await database.transaction((tx) => setProjectRole(tx, { projectId, userId: user.userId, role: null }));
    expect(await ended).toMatchObject({ value: { errors: [{ extensions: { code: 'project_not_found' } }] } });
    expect(await events.next()).toMatchObject({ done: true });
  });

  it('closes the sockets of a revoked token', async () => {
    const user = await aUser();
    const events = server.socketClient(user.token).iterate({ query: 'subscription { projectActivity { project { id } } }' });
    const ended = Promise.resolve(events.next()).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await revokeToken(database, { id: user.tokenId, userId: user.userId });
    expect(await ended).toMatchObject({ code: 4403 });
  });
});
