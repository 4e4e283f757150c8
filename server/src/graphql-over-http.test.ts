import { auditServer } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountResolver } from './people/access/account.resolver.js';
import { PasswordGuesses } from './people/access/password-guesses.js';
import { SignIn } from './people/access/sign-in.js';
import { createToken } from './people/access/token.js';
import { UserQueries } from './people/access/user.queries.js';
import type { Database } from './platform/database.js';
import { newId } from './platform/ids.js';
import { testDatabase } from './testing/database.js';
import { silent } from './testing/graphql.js';
import { serveGraph } from './testing/serve-graph.js';

let database: Database & { close(): Promise<void> };
let server: Awaited<ReturnType<typeof serveGraph>>;
let token: string;

beforeAll(async () => {
  database = await testDatabase();
  const guesses = new PasswordGuesses(silent);
  server = await serveGraph(database, ({ cookie }) => [
    new AccountResolver(database, new UserQueries(database), new SignIn(database, guesses), guesses, cookie),
  ]);
  const userId = newId();
  await database.query('insert into users (id, name, email) values ($1, $2, $3)', [userId, 'Grace', `${userId}@example.test`]);
  token = (await createToken(database, { userId, name: 'test', expiresInDays: null })).secret;
});
afterAll(async () => {
  await server.close();
  await database.close();
});

/** With `application/json`, a status of 400 for what was refused: proxies, monitors and scripts read the status alone. */
const ON_PURPOSE = [
  'SHOULD use 200 status code on document parsing failure when accepting application/json',
  'SHOULD use 200 status code on document validation failure when accepting application/json',
  'SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
];

it('keeps the GraphQL over HTTP specification, as its reference implementation audits it', async () => {
  const fetchFn = (url: string, init: RequestInit = {}) =>
    fetch(url, { ...init, headers: { ...Object.fromEntries(new Headers(init.headers)), authorization: `Bearer ${token}` } });
  const results = await auditServer({ url: `${server.url}/graphql`, fetchFn });
  expect(results.length).toBeGreaterThan(50);
  expect(results.filter((result) => result.status !== 'ok').map((result) => result.name)).toEqual(ON_PURPOSE);
});

describe.each(['application/json', 'application/graphql-response+json'])('answers %s', (accept) => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', accept, ...headers }, body });

  it.each([
    ['broken JSON', '{', {}, 400, 'invalid_json'],
    ['another type', '{ viewer { id } }', { 'content-type': 'application/graphql' }, 415, 'unsupported_media_type'],
    ['a wrong token', '{"query":"{ viewer { id } }"}', { authorization: 'Bearer slp_wrong' }, 401, 'bad_token'],
    ['what needs somebody', '{"query":"{ myTokens { id } }"}', {}, 401, 'unauthenticated'],
    ['a large body of a stranger', JSON.stringify({ query: '{ viewer { id } }', more: 'x'.repeat(100_000) }), {}, 401, 'unauthenticated'],
    ['an operation that is not there', '{"query":"{ viewer { id } }","operationName":"x"}', {}, 400, 'OPERATION_RESOLUTION_FAILURE'],
    ['one of several', '{"query":"query a { viewer { id } } query b { viewer { id } }"}', {}, 400, 'OPERATION_RESOLUTION_FAILURE'],
    ['JSON without end', '['.repeat(10_000), {}, 400, 'invalid_json'],
    ['a list in a list in a list', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, {}, 400, 'too_deep'],
    ['a key for prototypes', '{"query":"{ viewer { id } }","__proto__":{}}', {}, 400, 'bad_key'],
    ['half a character', String.raw`{"query":"{ viewer { id } }","operationName":"\ud800"}`, {}, 400, 'bad_text'],
  ])('to %s with errors of the form that clients of GraphQL read', async (_what, body, headers, status, code) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain(accept);
    expect(await answer.json()).toEqual({
      errors: [{ message: expect.stringMatching(/\.$/), extensions: expect.objectContaining({ code }) }],
    });
  });
});

describe('by GET', () => {
  const query = `/graphql?query=${encodeURIComponent('{ viewer { id } }')}`;

  it('answers queries of programs', async () => {
    expect(await (await fetch(server.url + query)).json()).toEqual({ data: { viewer: null } });
    expect((await fetch(server.url + query, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it("answers nothing that another site's page could ask in the name of who looks at it", async () => {
    const answer = await fetch(server.url + query, { headers: { cookie: 'slipway_session=x' } });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('CSRF');
  });
});
