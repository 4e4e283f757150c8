import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { gitlabSigningToken, type Headers, type Verdict } from './signature.js';
import { eventOf, senderOf } from './webhook-sender.js';

const SECRET = 'It is a secret to everybody';
const BODY = Buffer.from('{"say":"größe 日本語"}');
const OTHER = Buffer.from('{"say":"größe 日本誌"}');

const hex = (body: Uint8Array, secret = SECRET, algorithm = 'sha256') => createHmac(algorithm, secret).update(body).digest('hex');

/** What each host sends with a body, signed with a secret. */
const SENDERS: Record<string, { headers: Headers; header: string; sign(body: Uint8Array, secret?: string): string; sha1: string }> = {
  GitHub: {
    headers: { 'x-github-event': 'push' },
    header: 'x-hub-signature-256',
    sign: (body, secret) => `sha256=${hex(body, secret)}`,
    sha1: `sha1=${hex(BODY, SECRET, 'sha1')}`,
  },
  Gitea: {
    headers: { 'x-gitea-event': 'push', 'x-github-event': 'push', 'x-gogs-event': 'push' },
    header: 'x-gitea-signature',
    sign: hex,
    sha1: hex(BODY, SECRET, 'sha1'),
  },
  Forgejo: {
    headers: { 'x-forgejo-event': 'push', 'x-gitea-event': 'push', 'x-github-event': 'push' },
    header: 'x-forgejo-signature',
    sign: hex,
    sha1: hex(BODY, SECRET, 'sha1'),
  },
  'Bitbucket Cloud': {
    headers: { 'x-event-key': 'repo:push', 'x-request-uuid': 'u' },
    header: 'x-hub-signature',
    sign: (body, secret) => `sha256=${hex(body, secret)}`,
    sha1: `sha1=${hex(BODY, SECRET, 'sha1')}`,
  },
  'Bitbucket Data Center': {
    headers: { 'x-event-key': 'repo:refs_changed', 'x-request-id': 'u' },
    header: 'x-hub-signature',
    sign: (body, secret) => `sha256=${hex(body, secret)}`,
    sha1: `sha1=${hex(BODY, SECRET, 'sha1')}`,
  },
  'GitLab with a signing token': {
    headers: { 'x-gitlab-event': 'Push Hook', 'webhook-id': 'm1', 'webhook-timestamp': '1770000000' },
    header: 'webhook-signature',
    sign: (body, secret = SECRET) => {
      const key = Buffer.from(gitlabSigningToken(secret).slice('whsec_'.length), 'base64');
      return `v1,${createHmac('sha256', key).update('m1.1770000000.').update(body).digest('base64')}`;
    },
    sha1: `v1a,${Buffer.from(hex(BODY, SECRET, 'sha1'), 'hex').toString('base64')}`,
  },
};

describe.each(Object.entries(SENDERS))('%s', (name, { headers, header, sign, sha1 }) => {
  const verdict = (signature: string | undefined, body: Uint8Array = BODY): Verdict | undefined =>
    senderOf(headers)?.verify(SECRET, { ...headers, [header]: signature }, body);

  it('accepts the signature of these bytes alone', () => {
    expect(senderOf(headers)?.name).toContain(name.replace(/ with.*/, ''));
    expect(verdict(sign(BODY))).toBe('good');
    expect(verdict(sign(BODY), OTHER)).toBe('wrong');
    expect(verdict(sign(OTHER))).toBe('wrong');
    expect(verdict(sign(BODY, 'another secret'))).toBe('wrong');
    expect(verdict(sign(Buffer.alloc(0)), Buffer.alloc(0))).toBe('good');
  });

  it('refuses what is missing, short, long, doubled or of another algorithm', () => {
    const good = sign(BODY);
    expect(verdict(undefined)).toBe('missing');
    expect(verdict('')).toBe('missing');
    expect(verdict(good.slice(0, -2))).toBe('malformed');
    expect(verdict(`${good}00`)).toBe('malformed');
    expect(verdict(`${good.slice(0, -2)}zz`)).not.toBe('good');
    expect(verdict(sha1)).toBe('malformed');
    expect(senderOf(headers)?.verify(SECRET, { ...headers, [header]: [good, good] }, BODY)).toBe('missing');
  });
});

describe('GitLab', () => {
  const verdict = (headers: Headers) => senderOf({ 'x-gitlab-event': 'Push Hook' })?.verify(SECRET, headers, BODY);

  it('accepts the secret itself, and neither a part of it nor more', () => {
    expect(verdict({ 'x-gitlab-token': SECRET })).toBe('good');
    expect(verdict({ 'x-gitlab-token': SECRET.slice(1) })).toBe('wrong');
    expect(verdict({ 'x-gitlab-token': `${SECRET}!` })).toBe('wrong');
    expect(verdict({})).toBe('missing');
  });

  it('refuses a wrong signature also beside the right token, and a right one of another time', () => {
    const { headers, sign } = SENDERS['GitLab with a signing token'] ?? expect.fail();
    expect(verdict({ ...headers, 'x-gitlab-token': SECRET, 'webhook-signature': sign(OTHER) })).toBe('wrong');
    expect(verdict({ ...headers, 'webhook-signature': sign(BODY), 'webhook-timestamp': '1770000001' })).toBe('wrong');
    expect(verdict({ ...headers, 'webhook-signature': `${sign(OTHER)} ${sign(BODY)}` })).toBe('good');
  });

  it('has a signing token of 32 bytes for each secret', () => {
    expect(Buffer.from(gitlabSigningToken(SECRET).slice('whsec_'.length), 'base64')).toHaveLength(32);
  });
});

it('knows who calls by the header of the event, and nobody without one', () => {
  const forgejo = SENDERS.Forgejo?.headers ?? {};
  const sender = senderOf(forgejo);
  expect([sender?.host, sender && eventOf(sender, forgejo)]).toEqual(['gitea', 'push']);
  expect(senderOf({ 'x-event-key': 'repo:push', 'x-request-id': 'of a proxy', 'x-hook-uuid': 'h' })?.host).toBe('bitbucket');
  expect(senderOf({ 'content-type': 'application/json' })).toBeNull();
});
