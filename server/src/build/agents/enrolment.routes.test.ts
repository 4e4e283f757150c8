import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../platform/database.js';
import { createHttp } from '../../platform/http/create-http.js';
import { createLog } from '../../platform/log.js';
import { Metrics } from '../../platform/metrics.js';
import { enrolmentRoutes } from './enrolment.routes.js';

let app: Awaited<ReturnType<typeof createHttp>>;
const tokens: string[] = [];
/** Answers as if nothing were in it. */
const query = async (_sql: string, [token = '']: string[]) => {
  tokens.push(token);
  return [];
};
const database = { transaction: (work: (tx: object) => unknown) => work({ query }) } as unknown as Database;

beforeAll(async () => {
  const log = createLog('silent', 'slipway-server');
  const page = { webDir: '/nonexistent', trustedProxies: 0, publicUrl: null, hsts: true };
  app = await createHttp({ log, metrics: new Metrics(), metricsToken: null, readiness: [], ...page });
  await app.register(enrolmentRoutes({ database, natsUrl: 'nats://x', admit: async () => 'jwt' }));
});
afterAll(() => app.close());

const JSON_TYPE = 'application/json';
const send = (payload: string | Buffer, type: string | null = JSON_TYPE, encoding: string | null = null) =>
  app.inject({
    method: 'POST',
    url: '/api/agents/enrol',
    headers: { ...(type ? { 'content-type': type } : {}), ...(encoding ? { 'content-encoding': encoding } : {}) },
    payload,
  });
const GOOD = { token: 'unknown', name: 'yard', publicKey: `U${'A'.repeat(55)}` };
const good = JSON.stringify(GOOD);
const nested = (open: string, close: string) => open.repeat(100_000) + close.repeat(100_000);

it.each<[string, string | Buffer, string | null, string | null, number, string]>([
  ['no JSON', '{', JSON_TYPE, null, 400, 'invalid_json'],
  ['nothing', '', JSON_TYPE, null, 400, 'empty_body'],
  ['nothing, of no type', '', null, null, 400, 'bad_enrolment'],
  ['UTF-16', Buffer.from(good, 'utf16le'), JSON_TYPE, null, 400, 'invalid_json'],
  ['Latin-1', Buffer.from(good.replace('yard', 'wérft'), 'latin1'), JSON_TYPE, null, 400, 'bad_encoding'],
  ['a form', 'token=x', 'application/x-www-form-urlencoded', null, 415, 'unsupported_media_type'],
  ['text', good, 'text/plain', null, 415, 'unsupported_media_type'],
  ['XML', '<token/>', 'application/xml', null, 415, 'unsupported_media_type'],
  ['a type that is none', good, ';;', null, 415, 'unsupported_media_type'],
  ['more than it may', JSON.stringify({ ...GOOD, more: 'x'.repeat(1024 * 1024) }), JSON_TYPE, null, 413, 'body_too_large'],
  ['arrays without end', nested('[', ']'), JSON_TYPE, null, 400, 'too_deep'],
  ['objects without end', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, JSON_TYPE, null, 400, 'too_deep'],
  ['more values than it may', `[${'1,'.repeat(30_000)}1]`, JSON_TYPE, null, 400, 'too_many_values'],
  ['an array', `[${good}]`, JSON_TYPE, null, 400, 'bad_enrolment'],
  ['null', 'null', JSON_TYPE, null, 400, 'bad_enrolment'],
  ['a text', '"token"', JSON_TYPE, null, 400, 'bad_enrolment'],
  ['a number', '1e999', JSON_TYPE, null, 400, 'bad_enrolment'],
  ['fields that are null', JSON.stringify({ ...GOOD, token: null }), JSON_TYPE, null, 400, 'bad_enrolment'],
  ['fields that are arrays', JSON.stringify({ ...GOOD, name: ['yard'] }), JSON_TYPE, null, 400, 'bad_enrolment'],
  ['a name that is none', JSON.stringify({ ...GOOD, name: '../yard' }), JSON_TYPE, null, 400, 'bad_enrolment'],
  ['half a character', good.replace('unknown', '\\ud800'), JSON_TYPE, null, 400, 'bad_text'],
  ['NUL', good.replace('unknown', 'a\\u0000b'), JSON_TYPE, null, 400, 'bad_text'],
  ['a key that reaches for prototypes', good.replace('{', '{"__proto__":{"token":"x"},'), JSON_TYPE, null, 400, 'bad_key'],
  ['a bomb of gzip', gzipSync(Buffer.alloc(10 * 1024 * 1024, ' ')), JSON_TYPE, 'gzip', 415, 'compressed_body'],
  ['gzip of what would be good', gzipSync(good), JSON_TYPE, 'gzip, identity', 415, 'compressed_body'],
  ['what is said to be brotli', good, JSON_TYPE, 'br', 415, 'compressed_body'],
])('refuses an enrolment that is %s', async (_what, body, type, encoding, status, code) => {
  const answer = await send(body, type, encoding);
  expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
  expect(answer.json().error.message).toMatch(/\w.*\./);
});

it('takes one that is good as far as JSON goes, by the last of keys that are twice there', async () => {
  tokens.length = 0;
  for (const encoding of [null, 'identity']) {
    const answer = await send(good.replace('{', '{"token":"first",'), `${JSON_TYPE}; charset=utf-8`, encoding);
    expect([answer.statusCode, answer.json().error.code]).toEqual([401, 'bad_enrolment_token']);
  }
  const once = tokens.length;
  await send(good);
  expect(tokens.slice(once)).toEqual(tokens.slice(0, once / 2));
});
