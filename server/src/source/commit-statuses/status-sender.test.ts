import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cancelRun } from '../../build/runs/cancel-run.js';
import { progressRun } from '../../build/runs/progress-run.js';
import { createStartRun } from '../../build/runs/start-run.js';
import type { Database } from '../../platform/database.js';
import { aJobSpec, aPipeline, aRun, noDeployments } from '../../testing/builders.js';
import { testDatabase } from '../../testing/database.js';
import { HOST_KINDS, type HostKind } from '../code-hosts/host-kinds.js';
import { anExternalRepository } from '../code-hosts/testing/external.js';
import { FakeHost } from '../code-hosts/testing/fake-host.js';
import { retryStatus, StatusRows } from './status-rows.js';
import { StatusSender } from './status-sender.js';
import { WantedStatuses } from './want-status.js';

type At = Awaited<ReturnType<typeof anExternalRepository>>;

let database: Database & { close(): Promise<void> };
let fake: FakeHost;
let at: At;
let sender: StatusSender;
let wake: () => void = () => undefined;
const warnings: string[] = [];
const startRun = createStartRun(() => noDeployments);

beforeAll(async () => {
  database = await testDatabase();
  new WantedStatuses(() => wake()).listen(database);
});
afterAll(() => database.close());

async function serve(host: HostKind): Promise<void> {
  fake = await FakeHost.listen(host);
  at = await anExternalRepository(database, fake.api);
}
beforeEach(async () => {
  warnings.length = 0;
  await serve('github');
});
afterEach(async () => {
  await sender?.stop();
  wake = () => undefined;
  await database.query('delete from mirrors');
  await fake.close();
});

function start(random = () => 0.5): void {
  sender = new StatusSender({
    rows: new StatusRows(database),
    mirrors: { hostApi: async () => fake.api },
    fetch: (url, init) => fetch(url, init),
    publicUrl: 'https://ci.example',
    log: { warn: (...what: unknown[]) => void warnings.push(JSON.stringify(what)), error: () => undefined },
    random,
    now: Date.now,
  });
  wake = () => sender.wake();
  sender.start();
}

const shaOf = (n: number): string => n.toString(16).padStart(40, 'a');
const run = (sha: string, jobs = 2) =>
  database.transaction((tx) =>
    startRun(tx, aRun(at, aPipeline(...Array.from({ length: jobs }, (_, n) => aJobSpec({ name: `job-${n}` }))), { commitSha: sha })),
  );

/** As agents do: one job after the other, each a transaction of its own. */
async function finish(runId: string, state: 'succeeded' | 'failed' = 'succeeded'): Promise<void> {
  const jobs = await database.query<{ id: string }>('select id from jobs where run_id = $1 order by position', [runId]);
  for (const { id } of jobs) {
    await database.transaction(async (tx) => {
      await tx.query('select from runs where id = $1 for update', [runId]);
      await tx.query('update jobs set state = $2, finished_at = clock_timestamp() where id = $1', [id, state]);
      await progressRun(tx, runId, noDeployments);
    });
  }
}

const unsent = async () =>
  (
    await database.query<{ n: number }>(
      'select count(*)::int as n from commit_statuses where version > sent_version and repository_id = $1',
      [at.repositoryId],
    )
  )[0]?.n;
const untilSent = () => vi.waitFor(async () => expect(await unsent()).toBe(0), { timeout: 10_000, interval: 20 });
/** What is being noted at this moment is left alone, as two of these at once would wait for each other. */
const hurry = () =>
  database.query(
    `update commit_statuses set next_try_at = now() where id in (
       select id from commit_statuses where sending_until is null order by id for update skip locked)`,
  );

describe.each(HOST_KINDS)('told to %s', (host) => {
  beforeEach(async () => {
    await fake.close();
    await database.query('delete from mirrors');
    await serve(host);
  });

  it('as its documentation has it: pending, then how it ended, with a link to the run', async () => {
    start();
    const { runId, number } = await run(shaOf(1));
    await untilSent();
    await finish(runId);
    await untilSent();
    const failing = await run(shaOf(2));
    await finish(failing.runId, 'failed');
    const cancelled = await run(shaOf(3));
    await cancelRun({ database, gate: noDeployments }, cancelled.runId, at.userId);
    await untilSent();
    expect(fake.complaints).toEqual([]);
    expect(fake.told[0]).toMatchObject({ sha: shaOf(1), description: 'Waiting for an agent · 2 jobs' });
    expect(fake.isFinal(fake.told[0]?.state)).toBe(false);
    const last = fake.told.findLast(({ sha }) => sha === shaOf(1));
    expect(last?.url).toMatch(new RegExp(`^https://ci\\.example/projects/p-[0-9a-f]+/app/runs/${number}$`));
    expect(last?.description).toMatch(/^2 of 2 jobs passed · \d+s$/);
    for (const n of [1, 2, 3]) expect(fake.isFinal(fake.shown(shaOf(n))['slipway/app/push'])).toBe(true);
    expect(fake.shown(shaOf(2))['slipway/app/push']?.toLowerCase()).toContain('fail');
  });
});

describe('whatever happens', () => {
  it('sets aside a status that can not be noted, tells the others, and tells it when it is tried again', async () => {
    await database.query('truncate dead_letters');
    await database.query(`alter table commit_statuses add constraint no_poison check (sha <> '${shaOf(72)}' or sent_version = 0)`);
    start();
    for (const n of [71, 72, 73]) await run(shaOf(n));
    await vi.waitFor(async () => expect(await unsent()).toBe(1), { timeout: 10_000 });
    await vi.waitFor(async () =>
      expect(await database.query('select kind, about from dead_letters')).toEqual([
        { kind: 'commit_status', about: `Status "slipway/app/push" of commit ${shaOf(72).slice(0, 7)}` },
      ]),
    );
    await database.query('alter table commit_statuses drop constraint no_poison');
    const [letter] = await database.query<{ key: string }>('select key from dead_letters');
    await database.transaction((tx) => retryStatus(tx, letter?.key ?? ''));
    wake();
    await untilSent();
    expect(await database.query('select 1 from dead_letters')).toEqual([]);
  });

  it('ends with the last state of each context, one request at a time, while half of all requests fail', async () => {
    let seed = 42;
    const random = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    };
    fake.answerAfterMs = 3;
    fake.fault = () => {
      const chance = random();
      if (chance < 0.2) return chance < 0.1 ? 'lost after' : 'lost before';
      if (chance < 0.4) return { status: 502, body: '<html>Bad gateway</html>' };
      return chance < 0.5 ? { status: 404, body: '{"message":"Not Found"}' } : undefined;
    };
    start(random);
    const hurrying = setInterval(() => void hurry().then(() => sender.wake()), 40);
    const runs = await Promise.all(Array.from({ length: 12 }, (_, n) => run(shaOf(n), 4)));
    await Promise.all(runs.map(({ runId }, n) => finish(runId, n % 3 === 0 ? 'failed' : 'succeeded')));
    await untilSent();
    clearInterval(hurrying);
    for (const [n] of runs.entries()) expect(fake.shown(shaOf(n))).toEqual({ 'slipway/app/push': n % 3 === 0 ? 'failure' : 'success' });
    expect(fake.complaints).toEqual([]);
    expect(fake.mostAtOnce).toBeLessThanOrEqual(4);
  });

  it('tells a change that came while the one before was on its way, after it', async () => {
    fake.answerAfterMs = 150;
    start();
    const { runId } = await run(shaOf(1), 1);
    await vi.waitFor(() => expect(fake.requests).toHaveLength(1));
    await finish(runId);
    await untilSent();
    expect(fake.told.map(({ state }) => state)).toEqual(['pending', 'success']);
    expect(fake.mostAtOnce).toBe(1);
  });

  it('is not undone by a request that nobody saw the end of, and that arrives last', async () => {
    fake.fault = () => ({ lateMs: 3_000 });
    start();
    const { runId } = await run(shaOf(1), 1);
    await vi.waitFor(() => expect(fake.requests).toHaveLength(1));
    await finish(runId);
    fake.fault = () => undefined;
    await vi.waitFor(() => expect(fake.shown(shaOf(1))).toEqual({ 'slipway/app/push': 'success' }), 4_000);
    await vi.waitFor(() => expect(fake.shown(shaOf(1))).toEqual({ 'slipway/app/push': 'pending' }), 4_000);
    await hurry();
    sender.wake();
    await untilSent();
    expect(fake.shown(shaOf(1))).toEqual({ 'slipway/app/push': 'success' });
  });

  it('sends after a restart what a killed server had not sent, or was about to', async () => {
    const { runId } = await run(shaOf(1), 1);
    await finish(runId);
    await database.query(`update commit_statuses set sending_until = now() + interval '300 ms', tries = 1`);
    start();
    await vi.waitFor(() => expect(fake.told).toHaveLength(1), 4_000);
    expect(fake.shown(shaOf(1))).toEqual({ 'slipway/app/push': 'success' });
  });

  it('two servers send each state once', async () => {
    fake.answerAfterMs = 20;
    await Promise.all(Array.from({ length: 8 }, (_, n) => run(shaOf(n), 1)));
    start();
    const first = sender;
    start();
    await untilSent();
    await first.stop();
    expect(fake.requests).toHaveLength(8);
  });

  it('the newest run of a commit has the word, whatever an older one still does', async () => {
    start();
    const older = await run(shaOf(1), 1);
    const newer = await run(shaOf(1), 1);
    await finish(newer.runId, 'failed');
    await finish(older.runId);
    await untilSent();
    expect(fake.shown(shaOf(1))).toEqual({ 'slipway/app/push': 'failure' });
  });

  it('which run is the newest does not depend on the clocks of the servers that started them', async () => {
    start();
    const [one, other] = [await run(shaOf(1), 1), await run(shaOf(1), 1)];
    // As if the server that started `one` last had a clock that is behind.
    await database.query('update runs set number = number + 10 where id = $1', [one.runId]);
    await finish(other.runId, 'failed');
    await finish(one.runId);
    await untilSent();
    expect(fake.shown(shaOf(1))).toEqual({ 'slipway/app/push': 'success' });
  });
});

it('a run of a part of the pipeline does not speak for the whole commit', async () => {
  start();
  const whole = await run(shaOf(1), 1);
  await finish(whole.runId, 'failed');
  const part = await database.transaction((tx) =>
    startRun(tx, aRun(at, aPipeline(aJobSpec()), { commitSha: shaOf(1), trigger: 'manual', partial: true })),
  );
  await finish(part.runId);
  await untilSent();
  expect(fake.shown(shaOf(1))).toEqual({ 'slipway/app/push': 'failure' });
});

describe('a host that refuses', () => {
  it('is not pestered, its words are kept, and it is told once the connection has changed', async () => {
    const before = fake.token;
    fake.fault = () => ({ status: 401, body: `{"message":"Bad credentials: ${before}"}` });
    start();
    await run(shaOf(1));
    const error = async () =>
      (await database.query<{ error: string | null }>('select error from commit_statuses where repository_id = $1', [at.repositoryId]))[0]
        ?.error;
    await vi.waitFor(async () => expect(await error()).toBe('The host answered 401: Bad credentials: ***'));
    sender.wake();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(fake.requests).toHaveLength(1);
    expect(warnings.join()).not.toContain(before);
    fake.fault = () => undefined;
    await sender.connectionChanged(at.repositoryId);
    await untilSent();
    expect(await error()).toBeNull();
  });

  it.each([
    ['cut off in the middle', (secret: string) => `${'x'.repeat(294)}${secret}`],
    ['as a header carries it', (secret: string) => Buffer.from(secret).toString('base64')],
  ])('and repeats what it was sent is not repeated here: %s', async (_how, words) => {
    fake.fault = () => ({ status: 400, body: `{"message":"${words(fake.token)}"}` });
    start();
    await run(shaOf(1));
    await vi.waitFor(() => expect(warnings).toHaveLength(1));
    for (const part of [fake.token.slice(0, 5), words(fake.token).slice(-10)]) expect(warnings.join()).not.toContain(part);
  });

  it('is left alone for as long as it asks', async () => {
    let limited = true;
    fake.fault = () => (limited ? { status: 429, headers: { 'retry-after': '2' } } : undefined);
    start();
    await run(shaOf(1));
    await vi.waitFor(() => expect(fake.requests.length).toBeGreaterThan(0));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [asked, since] = [fake.requests.length, performance.now()];
    await run(shaOf(2));
    limited = false;
    await untilSent();
    expect(asked).toBe(1);
    expect(performance.now() - since).toBeGreaterThan(1_500);
  });

  it('by redirecting, is not followed: the credential stays here', async () => {
    fake.fault = () => ({ status: 307, headers: { location: '/elsewhere' } });
    start();
    await run(shaOf(1));
    await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(0));
    expect(fake.requests.filter((request) => request.includes('elsewhere'))).toEqual([]);
  });
});

it('nothing is kept for repositories that are hosted here, or whose host has no API', async () => {
  start();
  await database.query('update mirrors set api_url = null');
  await run(shaOf(1));
  await database.query('delete from mirrors');
  await run(shaOf(2));
  expect(await unsent()).toBe(0);
  expect(fake.requests).toEqual([]);
});
