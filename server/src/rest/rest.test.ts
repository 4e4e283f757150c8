import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession } from '../people/access/session.js';
import { SessionCookie } from '../people/access/session-cookie.js';
import { SESSION_KEY_HEADER } from '../platform/graphql/callers.js';
import { type RestServer, send, serveRest } from './testing/serve-rest.js';

const GET = '/repo/details';
const CALLS: [string, string][] = [
  ['GET', GET],
  ['POST', '/repo/branch'],
  ['POST', '/tests/trigger'],
  ['GET', '/tests/results'],
  ['POST', '/environments'],
  ['DELETE', '/environments'],
  ['POST', '/deployments'],
  ['GET', '/deployments/status'],
];

let rest: RestServer;
beforeAll(async () => {
  rest = await serveRest();
  await rest.reset();
});
afterAll(() => rest.close());

describe.each(CALLS)('%s %s', (method, path) => {
  it('answers nobody without a token, and says what to send', async () => {
    const answer = await rest.call(path, method, { token: null });
    expect(answer).toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="Slipway"');
    expect(Object.keys(answer.body)).toEqual(['error']);
  });

  it('refuses a token that is not good', async () => {
    expect(await rest.call(path, method, { token: 'slp_wrong' })).toMatchObject({ status: 401, code: 'bad_token' });
  });

  it('names a field that is missing, and one that it does not know', async () => {
    const missing = await rest.call(path, method, { body: {} });
    expect(missing).toMatchObject({ status: 400, code: 'bad_input' });
    expect(missing.message).toMatch(/^"\w+" is missing\. It must be /);
    const unknown = await rest.call(path, method, { body: { shoe_size: 44 } });
    expect(unknown).toMatchObject({ status: 400, code: 'bad_input' });
    expect(unknown.message).toContain(`"shoe_size" is not a field of ${method} /api/v1${path}. Its fields are `);
  });
});

describe('every call', () => {
  it('takes the fields of GET from the query string or from a JSON body, and refuses two answers to one question', async () => {
    const fields = { repo_url: rest.known.repoUrl };
    const byQuery = await rest.get(GET, fields);
    expect(byQuery).toMatchObject({ status: 200, body: { repo_name: 'app' } });
    expect(await rest.call(GET, 'GET', { body: fields })).toMatchObject({ status: 200, body: byQuery.body });
    expect(await rest.call(GET, 'GET', { query: fields, body: fields })).toMatchObject({ status: 200 });
    const two = await rest.call(GET, 'GET', { query: fields, body: { repo_url: '/git/a/b.git' } });
    expect(two).toMatchObject({ status: 400, code: 'bad_input' });
    expect((await send(`${rest.origin}/api/v1${GET}?repo_url=a&repo_url=b`, bearer())).message).toMatch(
      /^"repo_url" is a list\. It must be/,
    );
  });

  it('takes fields of POST from the body alone', async () => {
    const answer = await rest.call('/environments', 'POST', { query: { env_name: 'qa' }, body: { project_id: rest.known.project } });
    expect(answer).toMatchObject({ status: 400, code: 'bad_input' });
  });

  it.each([
    ['{"repo_url": ', /^The body is not valid JSON/],
    ['["repo_url"]', /^The body is a list; it must be a JSON object/],
    ['"repo_url"', /^The body is "repo_url"; it must be a JSON object/],
    ['null', /^The body is null; it must be/],
    ['{"__proto__": {"repo_url": "x"}}', /"repo_url" is missing|is not a field/],
    [`{"repo_url": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`, /^"repo_url" is a list/],
    [`{"repo_url": ${JSON.stringify('x'.repeat(5_000))}}`, /\(5002 characters\)\. It must be/],
    ['{"repo_url": 5}', /^"repo_url" is 5\. It must be the address of a repository/],
    ['{"repo_url": ""}', /^"repo_url" is ""\. It must be/],
    ['{"repo_url": null}', /^"repo_url" is null\. It must be/],
  ])('refuses the body %.40s', async (body, message) => {
    const answer = await send(`${rest.origin}/api/v1${GET}`, { ...bearer({ 'content-type': 'application/json' }), body });
    expect(answer).toMatchObject({ status: 400, code: 'bad_input' });
    expect(answer.message).toMatch(message);
  });

  it('refuses a text with a NUL or half a character, which nothing here can be called', async () => {
    expect(await rest.get(GET, { repo_url: '/git/a\0/b.git' })).toMatchObject({ status: 400, code: 'bad_text' });
    const body = '{"project_id":"a","env_name":"\\ud83d"}';
    const half = await send(`${rest.origin}/api/v1/environments`, {
      ...bearer({ 'content-type': 'application/json' }),
      method: 'POST',
      body,
    });
    expect(half).toMatchObject({ status: 400, code: 'bad_text' });
  });

  it('refuses bodies that are not JSON, or too large', async () => {
    const typed = (type: string, body: string) =>
      send(`${rest.origin}/api/v1/environments`, { ...bearer({ 'content-type': type }), method: 'POST', body });
    expect(await typed('text/plain', '{}')).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    expect(await typed('application/x-www-form-urlencoded', 'env_name=a')).toMatchObject({ status: 415 });
    expect(await typed('nonsense', '{}')).toMatchObject({ status: 415 });
    expect(await typed('application/json; charset=utf-8', '{}')).toMatchObject({ status: 400, code: 'bad_input' });
    const large = JSON.stringify({ env_name: 'a'.repeat(70_000) });
    expect(await typed('application/json', large)).toMatchObject({ status: 413, code: 'body_too_large' });
    const chunked = await send(`${rest.origin}/api/v1/environments`, {
      ...bearer({ 'content-type': 'application/json', 'transfer-encoding': 'chunked' }),
      method: 'POST',
      body: large,
    });
    expect(chunked).toMatchObject({ status: 413, code: 'body_too_large' });
  });

  it('names the methods that an address has', async () => {
    const answer = await rest.call('/environments', 'PUT', { body: {} });
    expect(answer).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(answer.headers.allow).toBe('POST, DELETE');
    expect(await rest.call(GET, 'POST', { body: {} })).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  });

  it('says that there is nothing at an unknown address, in JSON', async () => {
    expect(await rest.call('/repos', 'GET')).toMatchObject({ status: 404, code: 'route_not_found' });
  });

  it('looks at no cookie, and at no other kind of sign-in', async () => {
    const session = await rest.database.transaction((tx) => openSession(tx, rest.world.at.userId));
    const name = new SessionCookie(new Uint8Array(32)).nameFor('http://127.0.0.1');
    const cookie = { cookie: `${name}=${session.cookie}`, [SESSION_KEY_HEADER]: session.key };
    expect(await rest.get(GET, { repo_url: rest.known.repoUrl }, { token: null, headers: cookie })).toMatchObject({ status: 401 });
    const basic = `Basic ${Buffer.from(`ada:${rest.known.token}`).toString('base64')}`;
    expect(await rest.get(GET, { repo_url: rest.known.repoUrl }, { token: null, headers: { authorization: basic } })).toMatchObject({
      status: 401,
    });
  });

  it('is never cached, and carries the id of the request', async () => {
    const answer = await rest.get(GET, { repo_url: rest.known.repoUrl }, { headers: { 'x-request-id': 'request-0001' } });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-request-id': 'request-0001' });
  });
});

const bearer = (headers: Record<string, string> = {}) => ({
  method: 'GET',
  headers: { authorization: `Bearer ${rest.known.token}`, ...headers },
});
