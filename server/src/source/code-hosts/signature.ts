import { createHmac, timingSafeEqual } from 'node:crypto';
import { hashSecret, sameSecret } from '../../platform/secrets.js';

/** A request's headers, by their names in lower case. */
export type Headers = Record<string, string | string[] | undefined>;

/** `missing` and `malformed` can be determined without the secret, so that people learn what to fix. */
export type Verdict = 'good' | 'missing' | 'malformed' | 'wrong';

/** The value of a header that was sent exactly once. */
export function headerOf(headers: Headers, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** HMAC-SHA256 over the body's bytes as 64 hexadecimal digits, after a fixed prefix. */
export function checkHexHmac(given: string | null, prefix: string, secret: string, body: Uint8Array): Verdict {
  if (given === null) return 'missing';
  const digits = given.startsWith(prefix) ? given.slice(prefix.length) : '';
  if (!/^[0-9a-f]{64}$/i.test(digits)) return 'malformed';
  return sameBytes(Buffer.from(digits, 'hex'), createHmac('sha256', secret).update(body).digest());
}

/** The secret itself, as GitLab sends it. */
export function checkToken(given: string | null, secret: string): Verdict {
  if (given === null) return 'missing';
  return sameSecret(given, secret) ? 'good' : 'wrong';
}

/** The secret as the password of HTTP Basic authentication, with any user name. */
export function checkBasic(given: string | null, secret: string): Verdict {
  if (given === null) return 'missing';
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(given)?.[1];
  const pair = encoded === undefined || encoded.length % 4 !== 0 ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  return pair.includes(':') ? checkToken(pair.slice(pair.indexOf(':') + 1), secret) : 'malformed';
}

/**
 * Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks): `v1,<base64>` of HMAC-SHA256 over id, time and body; several are
 * separated by spaces. The time is not compared with the clock: what is replayed starts nothing anyway, and clocks go wrong.
 */
export function checkStandardWebhook(headers: Headers, secret: string, body: Uint8Array): Verdict {
  const given = headerOf(headers, 'webhook-signature');
  if (given === null) return 'missing';
  const [id, time] = [headerOf(headers, 'webhook-id'), headerOf(headers, 'webhook-timestamp')];
  const signatures = given.split(' ').flatMap((one) => /^v1,([A-Za-z0-9+/]{43}=)$/.exec(one)?.[1] ?? []);
  if (id === null || time === null || signatures.length === 0) return 'malformed';
  const expected = createHmac('sha256', hashSecret(secret)).update(`${id}.${time}.`).update(body).digest();
  return signatures.some((one) => sameBytes(Buffer.from(one, 'base64'), expected) === 'good') ? 'good' : 'wrong';
}

function sameBytes(given: Uint8Array, expected: Uint8Array): Verdict {
  return given.length === expected.length && timingSafeEqual(given, expected) ? 'good' : 'wrong';
}
