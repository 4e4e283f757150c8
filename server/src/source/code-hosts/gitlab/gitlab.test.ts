import { describe, expect, it } from 'vitest';
import type { Headers } from '../signature.js';
import { gitlab } from './gitlab.js';
import { gitlabFixtures } from './testing/fixtures.js';

const SECRET = 'It is a secret to everybody';
const BODY = Buffer.from('{"say":"größe 日本語"}');
const OTHER = Buffer.from('{"say":"größe 日本誌"}');
const [, signing = expect.fail()] = gitlabFixtures.webhook.proofs;

describe('a call of GitLab', () => {
  const verdict = (headers: Headers) => gitlab.webhook.verify(SECRET, headers, BODY);

  it('proves itself by the secret itself, and by neither a part of it nor more', () => {
    expect(verdict({ 'x-gitlab-token': SECRET })).toBe('good');
    expect(verdict({ 'x-gitlab-token': SECRET.slice(1) })).toBe('wrong');
    expect(verdict({ 'x-gitlab-token': `${SECRET}!` })).toBe('wrong');
    expect(verdict({})).toBe('missing');
  });

  it('is refused for a wrong signature also beside the right token, and for a right one of another time', () => {
    const sign = (body: Uint8Array) => signing.of(body, SECRET);
    expect(verdict({ ...signing.beside, 'x-gitlab-token': SECRET, 'webhook-signature': sign(OTHER) })).toBe('wrong');
    expect(verdict({ ...signing.beside, 'webhook-signature': sign(BODY), 'webhook-timestamp': '1770000001' })).toBe('wrong');
    expect(verdict({ ...signing.beside, 'webhook-signature': `${sign(OTHER)} ${sign(BODY)}` })).toBe('good');
  });
});
