import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../platform/errors.js';
import { aCloudPullRequest } from '../code-hosts/bitbucket/testing/payloads.js';
import { aServerPullRequest } from '../code-hosts/bitbucket-server/testing/payloads.js';
import { aFork, aNamedRef, aPullRequest, aPush } from '../code-hosts/github/testing/payloads.js';
import { aMergeRequest } from '../code-hosts/gitlab/testing/payloads.js';
import { HOST_FIXTURES } from '../code-hosts/testing/host-fixtures.js';
import { NO_SHA } from '../code-hosts/testing/shas.js';
import { claimDelivery } from './handle-delivery.js';
import { redeliver } from './redeliver.js';
import { sweepDeliveries } from './sweep-deliveries.js';
import { from, type Row, webhookWorld } from './testing/webhook-world.js';

let world: Awaited<ReturnType<typeof webhookWorld>>;
let at: Awaited<ReturnType<typeof world.anExternalRepository>>;
const loops: ReturnType<typeof world.anotherLoop>[] = [];

beforeAll(async () => {
  world = await webhookWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  at = await world.anExternalRepository();
});
afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop()));
  // What a test left to be handled is not the next one's.
  await world.database.query('truncate dead_letters');
  await world.database.query('delete from webhook_deliveries');
  world.mirrors.failWith = null;
  world.pullRequests.before = async () => undefined;
  world.pullRequests.news.length = 0;
});

function aLoop() {
  const loop = world.anotherLoop();
  loop.start();
  loops.push(loop);
  return loop;
}

const rows = () => world.rows(at.repositoryId);
const send = (request: ReturnType<typeof from.github>) => world.post(at.repositoryId, ...request);
const fetches = () => world.mirrors.fetches.filter((id) => id === at.repositoryId).length;
const answered = async (): Promise<Row[]> =>
  expect
    .poll(rows)
    .toSatisfy((found: Row[]) => found.length > 0 && found.every(({ state }) => state !== 'received'))
    .then(rows);

describe('a delivery', () => {
  it('that tells of refs asks for one fetch each and says so, for pushes, forced ones, deletions, tags and unicode', async () => {
    aLoop();
    await send(from.github('push', aPush()));
    await send(from.github('push', aPush({ forced: true, ref: 'refs/heads/größe/日本語' })));
    await send(from.gitea('push', aPush({ after: NO_SHA, ref: 'refs/heads/old' })));
    await send(from.gitea('create', aNamedRef({ ref: 'v1', ref_type: 'tag' })));
    expect((await answered()).map(({ state, answer }) => `${state}: ${answer}`)).toEqual([
      'handled: Branch main was pushed: a fetch was requested.',
      'handled: Branch größe/日本語 was pushed: a fetch was requested.',
      'handled: Branch old was deleted: a fetch was requested.',
      'handled: Tag v1 was created: a fetch was requested.',
    ]);
    expect(fetches()).toBe(4);
  });

  it('that comes ten times at once is handled once', async () => {
    aLoop();
    aLoop();
    const push = from.github('push', aPush());
    await Promise.all(Array.from({ length: 10 }, () => send(push)));
    expect(await answered()).toMatchObject([{ state: 'handled', times: 10 }]);
    await send(push);
    await sleep(50);
    expect([fetches(), await rows()]).toMatchObject([1, [{ state: 'handled', times: 11 }]]);
  });

  it('of a repository whose host is slow holds up no other, and is not begun a second time meanwhile', async () => {
    const slow = await world.anExternalRepository();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let begun = 0;
    world.pullRequests.before = () => {
      begun++;
      return released;
    };
    aLoop();
    const pulls = Array.from({ length: 20 }, (_, n) => from.github('pull_request', { ...aPullRequest(), number: n + 1 }));
    for (const pull of pulls) await world.post(slow.repositoryId, ...pull);
    await expect.poll(() => begun).toBe(2);
    await send(from.github('push', aPush()));
    expect(await answered()).toMatchObject([{ state: 'handled' }]);
    expect(begun).toBe(2);
    release();
    await expect
      .poll(async () => (await world.rows(slow.repositoryId)).filter(({ state }) => state === 'handled').length, { timeout: 5_000 })
      .toBe(pulls.length);
    expect(begun).toBe(pulls.length);
  });

  it('that tells of a pull request hands on its facts, through its life and of a fork, and shows what came of it', async () => {
    aLoop();
    const pulls = [
      from.github('pull_request', aPullRequest({ head: aFork })),
      from.github('pull_request', aPullRequest({ action: 'synchronize', pull: { updated_at: '2026-02-01T00:00:00Z' } })),
      from.gitlab(
        'Merge Request Hook',
        aMergeRequest({ project: { path_with_namespace: 'acme/site' }, merge: { state: 'merged', action: 'merge' } }),
      ),
      from.bitbucket('pullrequest:rejected', aCloudPullRequest({ state: 'DECLINED' })),
      from.bitbucket_server('pr:opened', aServerPullRequest('pr:opened')),
    ];
    for (const pull of pulls) {
      await send(pull);
      await answered();
    }
    expect((await rows()).map(({ answer }) => answer)).toEqual([
      'Pull request 7 is open.',
      'Pull request 7 is open.',
      'Pull request 7 is merged.',
      'Pull request 7 is closed.',
      'Pull request 7 is open.',
    ]);
    expect(world.pullRequests.news.map(({ sourceRepository }) => sourceRepository)).toEqual(['grace/site', null, null, null, null]);
    expect(fetches()).toBe(0);
  });

  it('from a host that no header names is read as one of the host where the repository is said to be', async () => {
    aLoop();
    const azure = await world.anExternalRepository('azure_devops');
    const { branchMoved, pullRequest } = HOST_FIXTURES.azure_devops.webhook.calls;
    for (const { event, payload } of [branchMoved, pullRequest]) {
      expect((await world.post(azure.repositoryId, ...from.azure_devops(event, payload))).status).toBe(202);
      expect((await world.post(at.repositoryId, ...from.azure_devops(event, payload))).code).toBe('webhook_sender_unknown');
    }
    await expect
      .poll(async () => (await world.rows(azure.repositoryId)).map(({ event, state, answer }) => `${event} ${state}: ${answer}`))
      .toEqual([
        'git.push handled: Branch main was pushed: a fetch was requested.',
        'git.pullrequest.created handled: Pull request 7 is open.',
      ]);
  });

  it('about another repository is ignored with the reason', async () => {
    aLoop();
    await send(from.github('pull_request', { ...aPullRequest(), repository: { full_name: 'acme/other' } }));
    expect(await answered()).toMatchObject([{ state: 'ignored', answer: expect.stringContaining('"acme/other"') }]);
    expect(world.pullRequests.news).toEqual([]);
  });

  it('does not wait for another that takes long', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    world.pullRequests.before = () => promise;
    aLoop();
    await send(from.github('pull_request', aPullRequest()));
    await send(from.github('push', aPush()));
    await expect.poll(async () => (await rows()).map(({ state }) => state)).toEqual(['received', 'handled']);
    resolve();
    expect((await answered()).map(({ state }) => state)).toEqual(['handled', 'handled']);
  });
});

describe('a server that dies', () => {
  it('between the answer and the work leaves it to the next one', async () => {
    expect((await send(from.github('push', aPush()))).status).toBe(202);
    expect([fetches(), await rows()]).toMatchObject([0, [{ state: 'received' }]]);
    aLoop();
    expect(await answered()).toMatchObject([{ state: 'handled' }]);
    expect(fetches()).toBe(1);
  });

  it('at the work leaves it to another when its claim has run out', async () => {
    await send(from.github('push', aPush()));
    expect(await claimDelivery(world.database)).toMatchObject({ tries: 1, repositoryId: at.repositoryId });
    expect(await claimDelivery(world.database)).toBeNull();
    await world.database.query(`update webhook_deliveries set handle_after = now() - interval '1 second'`);
    aLoop();
    expect(await answered()).toMatchObject([{ state: 'handled' }]);
    expect(fetches()).toBe(1);
  });
});

describe('a failure', () => {
  it('that people can mend is shown at once', async () => {
    world.mirrors.failWith = new DomainError('conflict', 'x', 'The address is not allowed. Mend it.');
    aLoop();
    await send(from.github('push', aPush()));
    expect(await answered()).toMatchObject([{ state: 'failed', answer: 'The address is not allowed. Mend it.' }]);
  });

  it('that Postgres refuses is set aside at once, and others around it are handled; delivered again it is no longer', async () => {
    let calls = 0;
    world.pullRequests.before = async () => {
      if (++calls === 2) await world.database.query(`select '"\\ud83d"'::jsonb`);
    };
    for (const number of [1, 2, 3]) await send(from.github('pull_request', aPullRequest({ pull: { number } })));
    aLoop();
    expect((await answered()).map(({ state }) => state).sort()).toEqual(['failed', 'handled', 'handled']);
    const letters = () => world.database.query<{ key: string }>('select kind, key, about, tries from dead_letters');
    expect(await letters()).toMatchObject([{ kind: 'webhook_delivery', about: 'Webhook delivery "pull_request"', tries: 1 }]);
    world.pullRequests.before = async () => undefined;
    await redeliver(world.database, (await letters())[0]?.key ?? '', at.userId);
    expect((await answered()).map(({ state }) => state)).toEqual(['handled', 'handled', 'handled']);
    expect(await letters()).toEqual([]);
  });

  it('that its server never survives is set aside instead of killing one server after the other', async () => {
    await send(from.github('push', aPush()));
    for (let deaths = 0; deaths < 5; deaths++) {
      expect(await claimDelivery(world.database)).not.toBeNull();
      await world.database.query('update webhook_deliveries set handle_after = now()');
    }
    aLoop();
    expect(await answered()).toMatchObject([{ state: 'failed', answer: expect.stringContaining('The server ended several times') }]);
    expect(await world.database.query('select tries from dead_letters')).toEqual([{ tries: 6 }]);
  });

  it('that may pass is tried again after a rest, and shown under an id of the log when it does not pass', async () => {
    world.mirrors.failWith = new Error('secret detail');
    aLoop();
    await send(from.github('push', aPush()));
    const due = () =>
      world.database.query<{ tries: number; rests: boolean }>('select tries, handle_after > now() as rests from webhook_deliveries');
    await expect.poll(due).toEqual([{ tries: 1, rests: true }]);
    expect(await rows()).toMatchObject([{ state: 'received' }]);
    await world.database.query('update webhook_deliveries set tries = 4, handle_after = now()');
    loops[0]?.wake();
    const [row] = await answered();
    expect(row).toMatchObject({ state: 'failed', answer: expect.stringContaining(row?.id ?? '-') });
    expect(row?.answer).not.toContain('secret detail');
    expect(world.lines.some((line) => line.delivery === row?.id && line['log.level'] === 'error')).toBe(true);
  });
});

describe('deliver again', () => {
  it('handles the stored payload anew, and leaves who did it', async () => {
    aLoop();
    world.mirrors.failWith = new DomainError('conflict', 'x', 'No.');
    const { delivery } = await send(from.github('push', aPush()));
    expect(await answered()).toMatchObject([{ state: 'failed' }]);
    world.mirrors.failWith = null;
    await redeliver(world.database, delivery ?? '', at.userId);
    await expect.poll(rows).toMatchObject([{ state: 'handled', times: 1 }]);
    expect(fetches()).toBe(1);
    const history = await world.database.query(`select event, from_state as was, by_user as by from history where thing_id = $1`, [
      delivery,
    ]);
    expect(history).toEqual([{ event: 'redelivered', was: 'failed', by: at.userId }]);
  });

  it('changes nothing while the delivery is being handled', async () => {
    const { delivery } = await send(from.github('push', aPush()));
    const claimed = await claimDelivery(world.database);
    await redeliver(world.database, delivery ?? '', at.userId);
    expect([claimed?.id, await claimDelivery(world.database)]).toEqual([delivery, null]);
  });
});

it('keeps the newest hundred of a repository for thirty days, and whatever is not handled yet', async () => {
  /** Deliveries with these numbers, a later one having a greater id. */
  const insert = (state: string, days: number, from: number, to: number) =>
    world.database.query(
      `insert into webhook_deliveries (id, repository_id, delivery_key, event, headers, payload, state, received_at)
       select lpad(n::text, 32, '0')::uuid, $1, n::text, 'push', '{}', '', $2, now() - make_interval(days => $3) from generate_series($4::int, $5::int) n`,
      [at.repositoryId, state, days, from, to],
    );
  await insert('received', 31, 1, 1);
  await insert('handled', 31, 2, 3);
  await insert('ignored', 29, 4, 4);
  await sweepDeliveries(world.database);
  expect((await rows()).map(({ deliveryKey }) => deliveryKey)).toEqual(['1', '4']);
  await insert('handled', 0, 101, 250);
  await sweepDeliveries(world.database);
  expect((await rows()).map(({ deliveryKey }) => deliveryKey)).toEqual(['1', ...Array.from({ length: 100 }, (_, n) => `${151 + n}`)]);
});
