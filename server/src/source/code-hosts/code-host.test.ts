import { describe, expect, it } from 'vitest';
import { ZodError } from 'zod';
import { isBadUrl, parseRepositoryUrl } from '../repositories/repository-url.js';
import { CODE_HOSTS, guessHost, senderOf } from './code-hosts.js';
import { HOST_KINDS } from './host-kinds.js';
import type { HostNews } from './host-news.js';
import { pullRequestNumberIn } from './pull-request-number.js';
import type { Headers } from './signature.js';
import { STATUS_STATES } from './status.js';
import type { Call } from './testing/fixture-set.js';
import { HOST_FIXTURES } from './testing/host-fixtures.js';
import { factsOf, movedOf } from './testing/news-facts.js';
import { SHA } from './testing/shas.js';

const SECRET = 'It is a secret to everybody';
const BODY = Buffer.from('{"say":"größe 日本語"}');
const OTHER = Buffer.from('{"say":"größe 日本誌"}');
/** In the place of a field. */
const ODD: unknown[] = [
  undefined,
  null,
  {},
  [],
  'x',
  '',
  'x'.repeat(100_000),
  '\0\ud800',
  -1,
  1e308,
  true,
  { toString: null },
  '__proto__',
];

/** What the interface says, of every host. What is true of one host alone stands beside that host. */
describe.each(HOST_KINDS)('%s', (kind) => {
  const host = CODE_HOSTS[kind];
  const fixtures = HOST_FIXTURES[kind];
  const { headers: headersOf, proofs, calls } = fixtures.webhook;

  describe('address', () => {
    it.each(fixtures.addresses)('of the API for $clone is $api, which is its own root', ({ clone, api }) => {
      const root = host.address.services[urlOf(clone).hostname] ?? host.address.usualApi(urlOf(clone));
      expect(root).toBe(api);
      expect(host.address.apiRoot(root)).toBe(root);
    });

    it.each(['https://git.example', 'https://git.example/below/a/path', 'http://127.0.0.1:8080'])('at %s is completed', (web) => {
      const usual = host.address.usualApi(urlOf(`${web}/${fixtures.path}`));
      expect(host.address.apiRoot(usual)).toBe(usual);
      if (!fixtures.completesRoot) return;
      const root = host.address.apiRoot(web);
      expect(root.startsWith(web)).toBe(true);
      for (let parts = root.split('/'); parts.length >= web.split('/').length; parts = parts.slice(0, -1))
        expect(host.address.apiRoot(parts.join('/'))).toBe(root);
    });

    it('is guessed by the names of its services and by its hints', () => {
      const guessed = (name: string) => guessHost(urlOf(`https://${name}/${fixtures.path}`));
      for (const service of Object.keys(host.address.services)) expect(guessed(service.replace(/^\./, 'acme.').toUpperCase())).toBe(kind);
      for (const hint of host.address.hints) expect(guessed(`code.${hint}-1.example`)).toBe(kind);
    });
  });

  it('is asked as somebody, with a token or with a password', () => {
    expect(host.signIn.authorization({ kind: 'token', token: 'T0ken' })).toMatch(fixtures.status.authorization);
    expect(host.signIn.authorization({ kind: 'password', username: 'ä', password: 'ß' })).toBe('Basic w6Q6w58=');
  });

  describe.each(proofs)('a call with $header', (proof) => {
    const named = { ...headersOf('push', 'd1'), ...proof.beside };
    const verdict = (given: string | string[] | undefined, body: Uint8Array = BODY) =>
      host.webhook.verify(SECRET, { ...named, [proof.header]: given }, body);

    it('is known for one of this host, and of no other', () => {
      const from = { ...named, [proof.header]: proof.of(BODY, SECRET) };
      expect(HOST_KINDS.filter((other) => CODE_HOSTS[other].webhook.isFrom?.(from))).toEqual(host.webhook.isFrom ? [kind] : []);
      expect(senderOf(from, host.webhook.isFrom ? 'other' : kind)).toBe(kind);
    });

    it('is good for the secret and, where it is signed, for these bytes alone', () => {
      expect(verdict(proof.of(BODY, SECRET))).toBe('good');
      expect(verdict(proof.of(Buffer.alloc(0), SECRET), Buffer.alloc(0))).toBe('good');
      expect(verdict(proof.of(BODY, 'another secret'))).toBe('wrong');
      if (!proof.isSignature) return;
      expect(verdict(proof.of(BODY, SECRET), OTHER)).toBe('wrong');
      expect(verdict(proof.of(OTHER, SECRET))).toBe('wrong');
    });

    it('is refused when its proof is missing, cut, longer, doubled or of another algorithm', () => {
      const good = proof.of(BODY, SECRET);
      for (const nothing of [undefined, '', [good, good]]) expect(verdict(nothing)).toBe('missing');
      for (const odd of [good.slice(0, -2), `${good}00`, `${good.slice(0, -2)}zz`]) expect(verdict(odd)).toMatch(/malformed|wrong/);
      if (proof.foreign) expect(verdict(proof.foreign(BODY, SECRET))).toBe('malformed');
    });

    it('is stored without its proof', () => {
      expect(
        host.webhook.shownHeaders.filter((name) => name === proof.header || /signature|token|authorization|cookie/.test(name)),
      ).toEqual([]);
    });
  });

  describe('news', () => {
    const stored = ({ event, payload }: Call) => {
      const headers: Headers = headersOf(event, 'd1');
      const shown = ['content-type', 'user-agent', ...host.webhook.shownHeaders];
      return { headers: Object.fromEntries(shown.map((name) => [name, headers[name]])), body: Buffer.from(JSON.stringify(payload)) };
    };
    const newsOf = (call: Call): HostNews => host.webhook.news(call.event, call.payload);

    it.each(calls.all)('of $event is known again from what is stored of it', (call) => {
      const { headers, body } = stored(call);
      expect(senderOf(headers, kind)).toBe(kind);
      expect(host.webhook.event(headers, body)).toBe(call.event);
      expect(newsOf(call).kind).not.toBe('ignored');
    });

    it('tells of a push', () => {
      expect(movedOf(newsOf(calls.branchMoved))).toEqual([{ what: 'branch', name: 'main', change: 'moved' }]);
    });

    it('takes a pull request for its own only if the repository holds its branch', () => {
      expect(factsOf(newsOf(calls.pullRequest)).sourceRepository).toBeNull();
      expect(factsOf(newsOf(calls.fromFork)).sourceRepository).toMatch(/grace\/site$/i);
      if (calls.fromGoneFork) expect(factsOf(newsOf(calls.fromGoneFork)).sourceRepository).toMatch(/^a deleted fork/);
    });

    it('ignores an event that nobody knows, and says why', () => {
      expect(host.webhook.news('x-unheard-of', { eventType: 'x-unheard-of' })).toMatchObject({
        kind: 'ignored',
        why: expect.stringContaining('x-unheard-of'),
      });
    });

    it.each(calls.all)(
      'of $event is read, ignored or refused by its path, whatever stands in the place of a field',
      ({ event, payload }) => {
        for (const path of pathsIn(payload))
          for (const odd of ODD) {
            const news = unlessRefused(() => host.webhook.news(event, replaced(payload, path, odd)));
            if (news?.kind !== 'pull_request') continue;
            const { updatedAt, number, ...facts } = news.facts;
            expect([Number.isNaN(updatedAt.getTime()), Number.isInteger(number)]).toEqual([false, true]);
            expect(JSON.stringify(facts).length, path.join('.')).toBeLessThan(10_000);
          }
      },
    );
  });

  it.each([200, 201, 204])('is told when it answers %i, and by no refusal', (status) => {
    const isTold = (answered: number) => host.statuses.isTold({ status: answered, retryAfterMs: null, link: null, text: 'no' });
    expect([isTold(status), ...[302, 400, 401, 404, 422, 500].map(isTold)]).toEqual([true, false, false, false, false, false, false]);
  });

  it('shows a head under a ref of the repository, or is fetched by branch', () => {
    expect(host.pullRequests.headRef(7) ?? 'refs/x/7').toMatch(/^refs\/.*\b7\b/);
  });

  it.each(fixtures.mergeMessages)('says %j when it merges', (message, number) => {
    expect(pullRequestNumberIn(message)).toBe(number);
  });

  it.each(STATUS_STATES)('takes the status %s as it documents it, and shows it as over when it is', (state) => {
    const description = 'ß'.repeat(140);
    const context = `slipway/${'long'.repeat(30)}/push`;
    const { method, path, body } = host.statuses.request(fixtures.path, {
      sha: SHA,
      context,
      state,
      description,
      url: 'https://ci.example/1',
    });
    const { pathname, search } = new URL(`${host.address.apiRoot('https://git.example')}${path}`);
    expect([method, fixtures.status.path.exec(`${pathname}${search}`)?.[1]]).toEqual(['POST', SHA]);
    const read = fixtures.status.body.parse(body);
    expect(fixtures.status.final.includes(read.state)).toBe(!['pending', 'running'].includes(state));
  });
});

it('knows nobody by headers that say nothing', () => {
  expect(senderOf({ 'content-type': 'application/json', 'user-agent': 'curl/8' }, 'github')).toBeNull();
  expect(senderOf({ 'x-event-key': 'repo:push', 'x-request-id': 'of a proxy', 'x-hook-uuid': 'h' }, null)).toBe('bitbucket');
});

it('takes a host of any other name for plain Git', () => {
  for (const name of ['git.example', 'notgithub.com.example', 'my-gitlab.example', '127.0.0.1', 'constructor', 'tfs.example'])
    expect(guessHost(urlOf(`https://${name}/acme/app.git`))).toBe('other');
});

function urlOf(text: string) {
  const url = parseRepositoryUrl(text);
  return isBadUrl(url) ? expect.fail(url.message) : url;
}

function unlessRefused(news: () => HostNews): HostNews | null {
  try {
    return news();
  } catch (error) {
    if (error instanceof ZodError) return null;
    throw error;
  }
}

const pathsIn = (value: unknown, above: string[] = []): string[][] =>
  typeof value === 'object' && value !== null
    ? [above, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...above, key]))]
    : [above];

function replaced(value: unknown, [key, ...rest]: string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}
