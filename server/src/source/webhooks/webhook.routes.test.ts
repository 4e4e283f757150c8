import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../platform/ids.js';
import { aRepository } from '../../testing/builders.js';
import { CODE_HOSTS } from '../code-hosts/code-hosts.js';
import { aNamedRef, aPush } from '../code-hosts/github/testing/payloads.js';
import { aGitlabPush } from '../code-hosts/gitlab/testing/payloads.js';
import { HOST_KINDS } from '../code-hosts/host-kinds.js';
import { HOST_FIXTURES } from '../code-hosts/testing/host-fixtures.js';
import { from, type Headers, proofOf, SECRET, webhookWorld } from './testing/webhook-world.js';

let world: Awaited<ReturnType<typeof webhookWorld>>;
let repositoryId: string;

beforeAll(async () => {
  world = await webhookWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  ({ repositoryId } = await world.anExternalRepository());
});

describe.each(HOST_KINDS)('a push at %s', (host) => {
  const { name } = CODE_HOSTS[host];
  const { calls } = HOST_FIXTURES[host].webhook;
  const { header: signature, isSignature } = proofOf(host);
  const push = () => from[host](calls.branchMoved.event, calls.branchMoved.payload);
  beforeEach(async () => {
    ({ repositoryId } = await world.anExternalRepository(host));
  });

  it('is taken in with the right signature, and keeps neither it nor a token', async () => {
    const [headers, body] = push();
    const answer = await world.post(repositoryId, { authorization: 'Bearer x', ...headers, cookie: 'a=b' }, body);
    const [row, ...others] = await world.rows(repositoryId);
    expect([answer.status, answer.delivery, others]).toEqual([202, row?.id, []]);
    expect(row).toMatchObject({ state: 'received', times: 1, deliveryKey: expect.stringMatching(/^(delivery-|sha256:)/) });
    expect(Object.keys(row?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/signature|token|cookie|authorization/)]),
    );
    expect(row?.headers).toHaveProperty('content-type');
  });

  it('is refused unsigned, or with a signature that is short, wrong or of other bytes, and leaves no row', async () => {
    const [headers, body] = push();
    const good = headers[signature] ?? '';
    const { [signature]: _, ...unsigned } = headers;
    const tries: [Headers, string][] = [
      [unsigned, body],
      [{ ...headers, [signature]: good.slice(0, -1) }, body],
      [{ ...headers, [signature]: `${good.slice(0, -1)}${good.endsWith('0') ? '1' : '0'}` }, body],
      [{ ...headers, [signature]: `sha1=${createHmac('sha1', SECRET).update(body).digest('hex')}` }, body],
    ];
    // A token says nothing about the bytes.
    if (isSignature) tries.push([headers, body.replace('main', 'mein')], [headers, `${body} `]);
    for (const [given, bytes] of tries) {
      const answer = await world.post(repositoryId, given, bytes);
      expect(answer.status).toBe(401);
      expect(answer.message).toContain(name);
      expect(answer.message).toMatch(/enter the webhook secret .* in the field "(Secret|Basic)/);
    }
    expect(await world.rows(repositoryId)).toEqual([]);
  });
});

describe('what is no delivery', () => {
  it('is refused when nothing says who sent it', async () => {
    const answer = await world.post(repositoryId, { 'content-type': 'application/json' }, '{}');
    expect([answer.status, answer.code]).toEqual([401, 'webhook_sender_unknown']);
    expect(await world.rows(repositoryId)).toEqual([]);
  });

  it('finds no repository that is unknown, hosted here, or no id', async () => {
    const hosted = await aRepository(world.database);
    for (const id of [newId(), hosted.repositoryId, 'no-id', `${repositoryId}0`, '%00']) {
      const answer = await world.post(id, ...from.github('push', aPush()));
      expect([id, answer.status, answer.code]).toEqual([id, 404, 'webhook_address_unknown']);
    }
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE'])('answers %s with a hint', async (method) => {
    const response = await fetch(`${world.address}/webhooks/${repositoryId}`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await response.text()).toContain('with POST');
  });

  it('is too large above 25 MiB, and is taken up to there', async () => {
    const padded = (bytes: number) => {
      const payload = aPush({ padding: '' });
      return JSON.stringify({ ...payload, padding: 'x'.repeat(bytes - JSON.stringify(payload).length) });
    };
    const limit = 25 * 1024 * 1024;
    const large = await world.post(repositoryId, ...from.github('push', padded(limit + 1)));
    expect([large.status, large.code]).toEqual([413, 'payload_too_large']);
    expect(await world.rows(repositoryId)).toEqual([]);
    expect((await world.post(repositoryId, ...from.github('push', padded(limit)))).status).toBe(202);
  });

  it('is logged once a minute for each repository', async () => {
    for (let n = 0; n < 5; n++) await world.post(repositoryId, { 'x-github-event': 'push' }, '{}');
    const refused = world.lines.filter((line) => line.message === 'A webhook was refused.' && line.repository === repositoryId);
    expect(refused).toHaveLength(1);
  });
});

describe.each(HOST_KINDS)('a body that can not be read, signed by %s', (host) => {
  const JSON_TYPE = 'application/json';
  const { calls, headers } = HOST_FIXTURES[host].webhook;
  const good = () => JSON.stringify(calls.branchMoved.payload);
  beforeEach(async () => {
    ({ repositoryId } = await world.anExternalRepository(host));
  });
  /** Signed anew, as whoever knows the secret can. */
  const send = (body: string | Uint8Array<ArrayBuffer>, more: Headers) => {
    const { header, of } = proofOf(host);
    const proof = of(Buffer.from(body), SECRET);
    return world.post(repositoryId, { ...headers(calls.branchMoved.event, newId()), [header]: proof, ...more }, body);
  };

  it.each<[string, () => string | Uint8Array<ArrayBuffer>, Headers, number]>([
    ['is not JSON', () => '{', {}, 400],
    ['is empty', () => '', {}, 400],
    ['is UTF-16', () => new Uint8Array(Buffer.from(good(), 'utf16le')), {}, 400],
    ['is Latin-1', () => new Uint8Array(Buffer.from(good().replace('main', 'mäin'), 'latin1')), {}, 400],
    ['is a form without JSON', () => 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
    ['is XML', () => '<push/>', { 'content-type': 'application/xml' }, 400],
    ['is nested without end', () => '['.repeat(20_000) + ']'.repeat(20_000), {}, 400],
    ['is deeper than any', () => `{"a":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`, {}, 400],
    ['is an array', () => `[${good()}]`, {}, 400],
    ['is null', () => 'null', {}, 400],
    ['is a text', () => '"push"', {}, 400],
    ['has an array in the place of each object', () => good().replaceAll('{', '[{').replaceAll('}', '}]'), {}, 400],
    ['is a bomb of gzip', () => new Uint8Array(gzipSync(Buffer.alloc(1024 * 1024, ' '))), { 'content-encoding': 'gzip' }, 415],
  ])('%s: is refused, says what it is, and brings nothing about', async (_what, body, more, status) => {
    const bytes = body();
    const answer = await send(bytes, { 'content-type': JSON_TYPE, ...more });
    expect([answer.status, answer.code]).toEqual([status, status === 415 ? 'compressed_body' : 'bad_payload']);
    expect(answer.message).toMatch(/^The (payload|body) /);
    expect((await world.rows(repositoryId)).filter(({ state }) => state !== 'failed')).toEqual([]);
  });

  it('is taken with keys that are twice there, halves of characters, NUL and any type that is not a form', async () => {
    const odd = good().replace('{', '{"zzz":1,"zzz":"\\ud800\\u0000","__proto__":{"a":1},');
    expect((await send(odd, { 'content-type': 'text/plain' })).status).toBe(202);
  });
});

describe('what is signed', () => {
  it('is a row once, however often and at once the host sends it', async () => {
    const [headers, body] = from.github('push', aPush());
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.post(repositoryId, headers, body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(202));
    expect(new Set(answers.map(({ delivery }) => delivery)).size).toBe(1);
    expect(answers.filter(({ message }) => message.includes('received before'))).toHaveLength(9);
    expect(await world.rows(repositoryId)).toMatchObject([{ times: 10, state: 'received' }]);
  });

  it('is told apart by its bytes where the host gives no id of its own', async () => {
    const send = (payload: unknown) => {
      const [{ 'idempotency-key': _, ...headers }, body] = from.gitlab('Push Hook', payload);
      // Webhooks that were caused by a webhook share this one.
      return world.post(repositoryId, { ...headers, 'x-gitlab-event-uuid': 'shared' }, body);
    };
    await send(aGitlabPush());
    await send(aGitlabPush({ ref: 'refs/heads/other' }));
    await send(aGitlabPush());
    expect(await world.rows(repositoryId)).toMatchObject([{ times: 2 }, { times: 1 }]);
  });

  it("is one repository's alone", async () => {
    const other = await world.anExternalRepository();
    const [headers, body] = from.github('push', aPush());
    await world.post(repositoryId, headers, body);
    expect((await world.post(other.repositoryId, headers, body)).message).not.toContain('received before');
  });

  it('is understood as a form too', async () => {
    const body = `payload=${encodeURIComponent(JSON.stringify(aPush({ ref: 'refs/heads/größe' })))}`;
    const [headers] = from.github('push', body);
    const type = 'application/x-www-form-urlencoded';
    expect((await world.post(repositoryId, { ...headers, 'content-type': type }, body)).status).toBe(202);
    expect(await world.rows(repositoryId)).toMatchObject([{ state: 'received' }]);
  });

  it.each([
    ['no JSON', '{"ref":', 'is not JSON'],
    ['not as documented', '{"ref": 5}', 'The payload of "push" is not as GitHub documents it: ref:'],
    ['empty', '', 'is not JSON'],
  ])('is a bad request and a failed delivery when it is %s', async (_what, body, why) => {
    const answer = await world.post(repositoryId, ...from.github('push', body));
    expect([answer.status, answer.code]).toEqual([400, 'bad_payload']);
    expect(answer.message).toContain(why);
    expect(await world.rows(repositoryId)).toMatchObject([{ state: 'failed', answer: answer.message }]);
  });

  it('is a bad request when it is no UTF-8', async () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d]);
    const [headers] = from.github('push', '');
    const { header, of } = proofOf('github');
    const answer = await world.post(repositoryId, { ...headers, [header]: of(body, SECRET) }, body);
    expect([answer.status, answer.message]).toEqual([400, expect.stringContaining('is not valid UTF-8')]);
  });

  it('answers a ping at once, and says what it has no use for', async () => {
    const ping = await world.post(repositoryId, ...from.github('ping', { zen: 'Keep it logically awesome.', hook_id: 1 }));
    expect([ping.status, ping.message]).toEqual([202, expect.stringContaining('Pong')]);
    const test = await world.post(repositoryId, ...from.bitbucket_server('diagnostics:ping', { test: true }));
    expect(test.message).toContain('Pong');
    const star = await world.post(repositoryId, ...from.github('star', { action: 'created' }));
    expect([star.status, star.message]).toEqual([202, 'Slipway does not need "star" events. The host need not send them.']);
    expect((await world.rows(repositoryId)).map(({ state, event }) => `${event} ${state}`)).toEqual([
      'ping handled',
      'diagnostics:ping handled',
      'star ignored',
    ]);
  });

  it("says on the mirror that the host's calls arrive", async () => {
    const arrived = async () => {
      const [row] = await world.database.query<{ at: Date | null }>('select last_delivery_at as at from mirrors where repository_id = $1', [
        repositoryId,
      ]);
      return row?.at ?? null;
    };
    await world.post(repositoryId, { 'x-github-event': 'push' }, '{}');
    expect(await arrived()).toBeNull();
    await world.post(repositoryId, ...from.github('ping', {}));
    expect(Date.now() - ((await arrived())?.getTime() ?? 0)).toBeLessThan(60_000);
  });

  it('is counted by host and result', async () => {
    const count = async (host: string, result: string) =>
      (await world.metrics.registry.getSingleMetric('slipway_webhook_deliveries_total')?.get())?.values.find(
        ({ labels }) => labels.host === host && labels.result === result,
      )?.value ?? 0;
    const before = await count('gitea', 'accepted');
    const refused = await count('gitea', 'refused');
    await world.post(repositoryId, ...from.gitea('delete', aNamedRef()));
    await world.post(repositoryId, { 'x-gitea-event': 'push' }, '{}');
    expect([(await count('gitea', 'accepted')) - before, (await count('gitea', 'refused')) - refused]).toEqual([1, 1]);
  });
});
