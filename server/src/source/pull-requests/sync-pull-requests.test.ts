import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../platform/database.js';
import { testDatabase } from '../../testing/database.js';
import { aListedPull } from '../code-hosts/github/testing/listed.js';
import { HOST_KINDS, type HostKind } from '../code-hosts/host-kinds.js';
import type { PullRequestFacts } from '../code-hosts/pull-request-facts.js';
import { anExternalRepository } from '../code-hosts/testing/external.js';
import { FakeHost } from '../code-hosts/testing/fake-host.js';
import { HOST_FIXTURES } from '../code-hosts/testing/host-fixtures.js';
import { recordPullRequest } from './record-pull-request.js';
import { syncPullRequests } from './sync-pull-requests.js';

let db: Database & { close(): Promise<void> };
let fake: FakeHost;
let repositoryId: string;
let told: PullRequestFacts[];

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());
beforeEach(() => {
  told = [];
});
afterEach(() => fake.close());

const SHA = 'c0ffee'.padEnd(40, '0');

async function serve(host: HostKind) {
  fake = await FakeHost.listen(host);
  ({ repositoryId } = await anExternalRepository(db, fake.api));
}
const sync = () =>
  syncPullRequests(
    {
      database: db,
      mirrors: { hostApi: async () => fake.api },
      pullRequests: {
        seen: async (id, facts) => {
          told.push(facts);
          await recordPullRequest(db, id, facts);
          return 'noted';
        },
      },
      fetch: (url, init) => fetch(url, init),
      log: { warn: (...what: unknown[]) => expect.fail(String(what)) },
    },
    repositoryId,
  );

it("takes for a fork's what no branch holds: with Gitea's AGit, whoever may read pushes it to the repository itself", async () => {
  await serve('gitea');
  const [[address, pulls] = ['', []]] = HOST_FIXTURES.gitea.listed.pages(SHA);
  const [first] = pulls as { head: object }[];
  fake.pages.set(address, [{ ...first, head: { ...first?.head, label: '', ref: 'refs/pull/1/head' } }]);
  await sync();
  expect(told).toMatchObject([{ number: 1, sourceBranch: 'refs/pull/1/head', sourceRepository: 'acme/app' }]);
});

describe.each(HOST_KINDS)('what %s lists', (host) => {
  const listed = HOST_FIXTURES[host].listed;

  it('is read as it is documented: page by page, a fork for what it is, and each once', async () => {
    await serve(host);
    for (const [address, page] of listed.pages(SHA)) fake.pages.set(address, page);
    await sync();
    expect(told).toHaveLength(51);
    expect(told[0]).toEqual({
      number: 1,
      title: 'Say hello',
      author: 'grace',
      url: listed.page(1),
      state: 'open',
      sourceBranch: 'feature/größe',
      sourceRepository: null,
      sourceUrl: null,
      baseBranch: 'main',
      headSha: SHA,
      updatedAt: listed.changedAt ?? expect.any(Date),
    });
    expect(told[50]).toMatchObject({ number: 51, sourceRepository: 'stranger/app', sourceUrl: listed.sourceUrl });
    expect(fake.complaints).toEqual([]);
    await sync();
    expect(told).toHaveLength(51);
  });

  it('no more is asked for: how it ended is found too', async () => {
    await serve(host);
    for (const [address, page] of listed.pages(SHA)) fake.pages.set(address, page);
    await sync();
    for (const [address, page] of listed.afterMerge(SHA)) fake.pages.set(address, page);
    await sync();
    expect(told.slice(51)).toMatchObject([{ number: 51, state: 'merged' }]);
    await sync();
    expect(told).toHaveLength(52);
  });
});

it('says why when the host can not be asked, and takes nothing for closed', async () => {
  await serve('github');
  fake.fault = () => ({ status: 403 });
  await expect(sync()).rejects.toMatchObject({ code: 'pull_requests_not_listed', message: expect.stringContaining('403') });
  fake.fault = () => 'lost before';
  await expect(sync()).rejects.toMatchObject({ message: expect.stringContaining('could not be reached') });
  expect(told).toEqual([]);
});

it('closes what the host does not know any more', async () => {
  await serve('gitea');
  for (const [address, page] of HOST_FIXTURES.gitea.listed.pages(SHA)) fake.pages.set(address, page);
  await sync();
  const [, second] = HOST_FIXTURES.gitea.listed.pages(SHA);
  fake.pages.set(second?.[0] ?? '', []);
  await sync();
  const closed = await db.query('select number, state from pull_requests where repository_id = $1 and state <> $2', [repositoryId, 'open']);
  expect(closed).toEqual([{ number: 51, state: 'closed' }]);
});

it('stops at a bound, and then takes nothing for closed', async () => {
  await serve('github');
  const endless = Array.from({ length: 50 }, (_, n) => aListedPull(n + 1, SHA, false));
  fake.fault = (request) => ({
    status: request.url?.includes('page=') ? 200 : 500,
    headers: { link: '<https://elsewhere.test>; rel="next"' },
    body: JSON.stringify(endless),
  });
  await sync();
  expect(fake.requests).toHaveLength(20);
});
