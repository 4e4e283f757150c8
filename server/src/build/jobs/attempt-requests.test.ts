import { type AttemptEvent, macOf, subjects, type Work } from '@slipway/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../platform/errors.js';
import { aJobSpec, anAgent, aPipeline, aRepository, aRun, noDeployments } from '../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../testing/database.js';
import { silent } from '../../testing/graphql.js';
import { cancelRun } from '../runs/cancel-run.js';
import { createStartRun } from '../runs/start-run.js';
import { acceptAttempt } from './accept-attempt.js';
import { assignJobs } from './assign-jobs.js';
import { AttemptRequests } from './attempt-requests.js';
import { Reaper } from './reaper.js';
import { reportAttempt } from './report-attempt.js';
import { retryJobIn } from './retry-job.js';

let database: TestDatabase;
let at: { userId: string; projectId: string; repositoryId: string };
let requests: AttemptRequests;
let agent: string;
let mustFit: () => void;
let secretsFor: () => Promise<Record<string, string>>;
const startRun = createStartRun(() => noDeployments);
const deps = () => ({ database, gate: noDeployments, log: silent });

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.query('truncate users, agents, outbox, dead_letters cascade');
  [at, agent] = [await aRepository(database), await anAgent(database)];
  requests = new AttemptRequests(deps());
  secretsFor = async () => ({});
  mustFit = () => undefined;
});

const start = () => database.transaction((tx) => startRun(tx, aRun(at, aPipeline(aJobSpec()))));
const job = async () => (await database.query('select state, reason from jobs where is_current order by id limit 1'))[0];
const letters = () => database.query('select kind, about, tries, error from dead_letters');
const slotsInUse = async () => (await database.query(`select 1 from attempts where state <> 'ended'`)).length;

function accept(attempt: string | undefined): Promise<Work> {
  const payload = { attempt };
  const accepting = {
    ...deps(),
    secretsFor: () => secretsFor(),
    trustClassOf: async () => null,
    openLog: async () => undefined,
    mustFit: () => mustFit(),
  };
  return requests.take('accept', agent, payload, () => acceptAttempt(accepting, agent, payload));
}

async function take(): Promise<Work> {
  await assignJobs(database);
  const [offer] = await database.query<{ id: string }>(`select id from attempts where state = 'offered'`);
  return accept(offer?.id);
}

function report(work: Work, n: number, event: AttemptEvent | { kind: string }) {
  const mac = macOf(Buffer.from(work.key, 'base64'), subjects.request(agent, 'report'), work.number, n);
  const payload = { attempt: work.attempt, number: work.number, n, mac, event };
  return requests.take('report', agent, payload, () => reportAttempt({ ...deps(), audit: () => undefined }, agent, payload));
}

/** A duration that Postgres refuses: too large for its column. */
const POISON: AttemptEvent = { kind: 'step_finished', index: 0, exitCode: 0, durationMs: 9_000_000_000 };
const PASSED: AttemptEvent = { kind: 'finished', outcome: { kind: 'passed' }, lastChunk: -1, lines: 0 };

describe('a report that can not be stored', () => {
  it.each([
    ['its data is refused', POISON],
    ['it does not fit the protocol', { kind: 'finished' }],
  ])('ends its attempt at once and frees the slot: %s', async (_why, event) => {
    await start();
    const work = await take();
    await expect(report(work, 0, event)).rejects.toMatchObject({ code: 'report_refused', kind: 'conflict' });
    expect(await job()).toEqual({ state: 'failed', reason: 'report_refused' });
    expect(await slotsInUse()).toBe(0);
    expect(await letters()).toMatchObject([{ kind: 'job', about: 'A report of job "build"', tries: 1 }]);
    await expect(report(work, 0, PASSED)).rejects.toMatchObject({ code: 'report_ended' });
  });

  it('confirms the cancel that waits for it', async () => {
    const { runId } = await start();
    const work = await take();
    await cancelRun(deps(), runId, at.userId);
    expect(await job()).toMatchObject({ state: 'cancelling' });
    await expect(report(work, 0, POISON)).rejects.toMatchObject({ code: 'report_refused' });
    expect(await job()).toMatchObject({ state: 'cancelled' });
  });

  it('holds up no other attempt of the agent', async () => {
    await start();
    const poisoned = await take();
    await start();
    const good = await take();
    await report(poisoned, 0, POISON).catch(() => undefined);
    await report(good, 0, PASSED);
    const states = await database.query<{ state: string }>('select state from jobs order by id');
    expect(states.map(({ state }) => state)).toEqual(['failed', 'succeeded']);
  });

  it('is the last word where even the end of the attempt can not follow from it', async () => {
    await start();
    const work = await take();
    await database.query(`alter table runs add constraint no_poison check (state <> 'failed')`);
    await expect(report(work, 0, POISON)).rejects.toMatchObject({ code: 'report_refused' });
    await database.query('alter table runs drop constraint no_poison');
    expect(await job()).toEqual({ state: 'failed', reason: 'report_refused' });
    expect(await slotsInUse()).toBe(0);
  });

  it('of another agent says nothing about an attempt', async () => {
    await start();
    const work = await take();
    agent = await anAgent(database);
    await expect(report(work, 0, { kind: 'finished' })).rejects.toThrow();
    expect(await slotsInUse()).toBe(1);
  });

  it('runs again, tried by hand', async () => {
    await start();
    await report(await take(), 0, POISON).catch(() => undefined);
    const [letter] = await database.query<{ key: string }>('select key from dead_letters');
    await database.transaction((tx) => retryJobIn(tx, noDeployments, letter?.key ?? '', at.userId));
    await report(await take(), 0, PASSED);
    expect(await job()).toMatchObject({ state: 'succeeded' });
  });
});

describe('work that can not be put together', () => {
  it('ends its job, tried five times, instead of being offered for ever', async () => {
    await start();
    secretsFor = () => Promise.reject(new Error('The key does not fit.'));
    for (let n = 1; n < 5; n++) {
      await expect(take()).rejects.toThrow('The key does not fit.');
      await database.query(`update attempts set lease_until = now() - interval '1 s'`);
    }
    await expect(take()).rejects.toMatchObject({ code: 'work_refused' });
    expect(await job()).toEqual({ state: 'failed', reason: 'work_refused' });
    expect(await letters()).toMatchObject([{ about: 'Work of job "build"', tries: 5, error: 'The key does not fit.' }]);
  });

  it('ends its job when no message carries it, in words for whoever wrote it', async () => {
    await start();
    mustFit = () => {
      throw new DomainError('too_large', 'answer_too_large', 'The job has 3 bytes.');
    };
    await expect(take()).rejects.toMatchObject({ code: 'work_too_large', message: 'The job has 3 bytes.' });
    expect(await job()).toEqual({ state: 'failed', reason: 'work_too_large' });
    expect(await slotsInUse()).toBe(0);
  });

  it('is offered again for as long as something is away', async () => {
    await start();
    secretsFor = () => Promise.reject(new DomainError('unavailable', 'away', 'Away.'));
    for (let n = 0; n < 10; n++) await expect(take()).rejects.toThrow('Away.');
    secretsFor = async () => ({});
    await take();
    expect(await letters()).toEqual([]);
  });
});

it('the reaper goes past a lost attempt that can not be ended', async () => {
  const lost: string[] = [];
  for (let n = 0; n < 2; n++) {
    await start();
    lost.push((await take()).jobId);
  }
  const [poison] = lost;
  await database.query(`alter table jobs add constraint no_poison check (id <> '${poison}' or state <> 'queued')`);
  let now = 0;
  const reaper = new Reaper({ ...deps(), log: silent, now: () => now });
  await reaper.tick();
  now = 1_000;
  await database.query(`update attempts set lease_until = now() - interval '1 s'`);
  await reaper.tick();
  await reaper.tick();
  await database.query('alter table jobs drop constraint no_poison');
  const states = await database.query<{ id: string; state: string }>('select id, state from jobs order by id');
  expect(states).toEqual(lost.map((id) => ({ id, state: id === poison ? 'running' : 'queued' })));
  expect(await letters()).toMatchObject([{ kind: 'overdue_attempt', tries: 1 }]);
});
