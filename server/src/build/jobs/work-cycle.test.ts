import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AttemptEvent, macOf, type Outcome, subjects, type Work } from '@slipway/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../platform/database.js';
import { moveJournal } from '../../source/repositories/pushes/push-rows.js';
import { aJobSpec, anAgent, aPipeline, aRepository, aRun, noDeployments } from '../../testing/builders.js';
import { testDatabase } from '../../testing/database.js';
import type { CompiledPipeline } from '../pipelines/pipeline.js';
import { cancelRun } from '../runs/cancel-run.js';
import { createStartRun } from '../runs/start-run.js';
import { acceptAttempt } from './accept-attempt.js';
import { assignJobs } from './assign-jobs.js';
import { endForgottenAttempts } from './end-forgotten-attempts.js';
import { JobQueries } from './job.queries.js';
import { Reaper } from './reaper.js';
import { renewAttempts } from './renew-attempts.js';
import { reportAttempt } from './report-attempt.js';
import { retryJob } from './retry-job.js';

const PASSED: Outcome = { kind: 'passed' };
const FAILED: Outcome = { kind: 'failed', reason: 'exit_code', message: 'Step "say" ended with exit code 1.', step: 'say', exitCode: 1 };
const log = { warn: () => undefined } as never;

let database: Database & { close(): Promise<void> };
let at: { userId: string; projectId: string; repositoryId: string };
const startRun = createStartRun(() => noDeployments);
const deps = () => ({ database, gate: noDeployments });

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.query('truncate users, agents, outbox cascade');
  at = await aRepository(database);
});

const start = (pipeline: CompiledPipeline) => database.transaction((tx) => startRun(tx, aRun(at, pipeline)));
const jobs = () =>
  database.query<{ id: string; name: string; state: string; reason: string | null }>(
    'select id, name, state, reason from jobs where is_current order by position',
  );
const states = async () => Object.fromEntries((await jobs()).map((job) => [job.name, job.state]));
const runState = async () => (await database.query<{ state: string }>('select state from runs'))[0]?.state;
const offers = (agentId: string) =>
  database.query<{ id: string }>(`select id from attempts where agent_id = $1 and state = 'offered' order by number`, [agentId]);

async function accept(agentId: string, process?: string): Promise<Work> {
  const [offer] = await offers(agentId);
  return acceptOffer(agentId, offer?.id, process);
}

function acceptOffer(agentId: string, attempt: string | undefined, process?: string): Promise<Work> {
  return acceptAttempt(
    { ...deps(), secretsFor: async () => ({}), trustClassOf: async () => null, openLog: async () => undefined, mustFit: () => undefined },
    agentId,
    {
      attempt,
      process,
    },
  );
}

/** A process of an agent greets, for the first time or after a reconnect. */
const hello = (agentId: string, process?: string, holding: Work[] = []) =>
  endForgottenAttempts(deps(), agentId, { process, holding: holding.map(({ attempt }) => attempt) });

function report(agentId: string, work: Work, n: number, event: AttemptEvent, over: Record<string, unknown> = {}) {
  const mac = macOf(Buffer.from(work.key, 'base64'), subjects.request(agentId, 'report'), work.number, n);
  return reportAttempt({ ...deps(), audit: () => undefined }, agentId, {
    attempt: work.attempt,
    number: work.number,
    n,
    mac,
    event,
    ...over,
  });
}

const finish = (agentId: string, work: Work, outcome: Outcome, n = 0) =>
  report(agentId, work, n, { kind: 'finished', outcome, lastChunk: 0, lines: 1 });

const renew = (agentId: string, held: Work[]) =>
  renewAttempts(
    {
      database,
      host: { generations: async () => [], desired: () => Promise.reject(), observed: () => Promise.reject() },
      resendFrom: () => null,
    },
    agentId,
    {
      attempts: held.map(({ attempt, number }) => ({ attempt, number })),
      load: { cpu: 0, memoryUsed: 0, memoryTotal: 1, diskFree: 1 },
    },
  );

describe('the way of a job', () => {
  it('goes from the run over an agent to the next job, in one transaction a step', async () => {
    const agent = await anAgent(database);
    await start(aPipeline(aJobSpec(), aJobSpec({ name: 'unit', kind: 'test', needs: ['build'] })));
    expect(await states()).toEqual({ build: 'queued', unit: 'waiting' });
    expect(await assignJobs(database)).toBe(1);
    const work = await accept(agent);
    expect(work.steps[0]?.run).toBe('echo hello');
    expect(await runState()).toBe('running');
    await finish(agent, work, PASSED);
    expect(await states()).toEqual({ build: 'succeeded', unit: 'queued' });
    await assignJobs(database);
    await finish(agent, await accept(agent), PASSED);
    expect(await runState()).toBe('succeeded');
  });

  it('is told the state of its refs, of an external repository too: another one once a tag was moved', async () => {
    const agent = await anAgent(database);
    await database.query(
      `insert into mirrors (repository_id, url, host, webhook_secret) values ($1, 'https://git.example/a/b.git', 'other', '')`,
      [at.repositoryId],
    );
    const checkoutOfNext = async () => {
      await start(aPipeline(aJobSpec()));
      await assignJobs(database);
      const work = await accept(agent);
      await finish(agent, work, PASSED);
      return work.checkout;
    };
    const before = await checkoutOfNext();
    expect(before).toMatchObject({ remoteUrl: 'https://git.example/a/b.git' });
    expect((await checkoutOfNext())?.refs).toBe(before?.refs);
    await database.transaction((tx) => moveJournal(tx, at.repositoryId, 100));
    expect((await checkoutOfNext())?.refs).not.toBe(before?.refs);
  });

  it('offers each assignment once through the outbox, under the id of the attempt', async () => {
    const agent = await anAgent(database);
    await start(aPipeline(aJobSpec()));
    await Promise.all([assignJobs(database), assignJobs(database), assignJobs(database)]);
    const sent = await database.query(`select subject, message_id from outbox where kind = 'jetstream'`);
    const [offer] = await offers(agent);
    expect(sent).toEqual([{ subject: `jobs.${agent}`, message_id: offer?.id }]);
  });

  it('skips what depends on a failed job and fails the run', async () => {
    const agent = await anAgent(database);
    await start(
      aPipeline(aJobSpec(), aJobSpec({ name: 'unit', kind: 'test', needs: ['build'] }), aJobSpec({ name: 'late', needs: ['unit'] })),
    );
    await assignJobs(database);
    await finish(agent, await accept(agent), FAILED);
    expect(await states()).toEqual({ build: 'failed', unit: 'skipped', late: 'skipped' });
    expect(await runState()).toBe('failed');
  });

  it('answers a repeated report with success and does nothing, and refuses a gap, a stranger and a wrong MAC', async () => {
    const [agent, stranger] = [await anAgent(database), await anAgent(database, { slots: 0 })];
    await start(aPipeline(aJobSpec()));
    await assignJobs(database);
    const work = await accept(agent);
    const event: AttemptEvent = { kind: 'step_started', index: 0, name: 'say', line: 0 };
    await report(agent, work, 0, event);
    await report(agent, work, 0, event);
    expect(await database.query('select index from steps')).toHaveLength(1);
    await expect(report(agent, work, 2, event)).rejects.toThrow(/before report 1/);
    await expect(report(stranger, work, 1, event)).rejects.toThrow(/not held by this agent/);
    await expect(report(agent, work, 1, event, { mac: 'x' })).rejects.toThrow(/MAC/);
    await expect(report(agent, work, 1, event, { number: work.number + 1 })).rejects.toThrow(/not held/);
  });

  it('counts all test cases that it reports, those included that are not stored', async () => {
    await start(aPipeline(aJobSpec(), aJobSpec({ name: 'silent', needs: ['build'] })));
    const agent = await anAgent(database);
    await assignJobs(database);
    const work = await accept(agent);
    const aCase = { suite: 's', name: 'n', file: null, state: 'failed', durationMs: null, message: null, output: null } as const;
    const none = { passed: 0, failed: 0, skipped: 0 };
    await report(agent, work, 0, { kind: 'tests', cases: [aCase, { ...aCase, state: 'passed' }] });
    const queries = new JobQueries(database);
    const ids = (await jobs()).map(({ id }) => id);
    const ofJob = async () => (await queries.testSummaries(ids)).find((summary) => summary !== null);
    expect(await ofJob()).toMatchObject({ passed: 1, failed: 1, skipped: 0, onlyCounted: none });
    const onlyCounted = { passed: 540_000, failed: 2, skipped: 3 };
    await report(agent, work, 1, { kind: 'tests', cases: [], onlyCounted });
    await report(agent, work, 1, { kind: 'tests', cases: [], onlyCounted });
    expect(await ofJob()).toMatchObject({ passed: 540_001, failed: 3, skipped: 3, onlyCounted });
    const most = { ...none, passed: 1_000_000_000 };
    for (const n of [2, 3, 4]) await report(agent, work, n, { kind: 'tests', cases: [], onlyCounted: most });
    expect(await ofJob()).toMatchObject({ passed: 1_000_000_001, failed: 3 });
    expect((await queries.testSummaries(ids)).filter((summary) => summary === null)).toHaveLength(1);
    expect(await queries.failedTests(work.jobId, 10)).toHaveLength(1);
  });

  it('answers an accept that is repeated by its holder with the same work, and refuses one by another agent', async () => {
    const [agent, stranger] = [await anAgent(database), await anAgent(database, { slots: 0 })];
    await start(aPipeline(aJobSpec()));
    await assignJobs(database);
    const [offer] = await offers(agent);
    const acceptDeps = {
      ...deps(),
      secretsFor: async () => ({}),
      trustClassOf: async () => null,
      openLog: async () => undefined,
      mustFit: () => undefined,
    };
    const first = await acceptAttempt(acceptDeps, agent, { attempt: offer?.id });
    const again = await acceptAttempt(acceptDeps, agent, { attempt: offer?.id });
    expect(again.key).toBe(first.key);
    await expect(acceptAttempt(acceptDeps, stranger, { attempt: offer?.id })).rejects.toThrow(/not offered to this agent/);
  });

  it('makes one run for one push, however often it is asked', async () => {
    const pushId = '01900000-0000-7000-8000-000000000001';
    await database.query(
      `insert into pushes (id, repository_id, journal_offset, ref, old_sha, new_sha, commits, pushed_at) values ($1, $2, 0, 'refs/heads/main', '', '', 1, now())`,
      [pushId, at.repositoryId],
    );
    const push = aRun(at, aPipeline(aJobSpec()), { pushId });
    const first = await database.transaction((tx) => startRun(tx, push));
    expect(await database.transaction((tx) => startRun(tx, push))).toEqual(first);
    expect(await jobs()).toHaveLength(1);
  });
});

describe('work that is lost', () => {
  const expireLeases = () => database.query(`update attempts set lease_until = now() - interval '1 s' where state <> 'ended'`);

  async function aReaper() {
    const reaper = new Reaper({ ...deps(), log, now: () => 0 });
    await reaper.tick();
    return reaper;
  }

  it('is queued again for another agent, at most as often as allowed', async () => {
    const first = await anAgent(database, { slots: 1 });
    await start(aPipeline(aJobSpec()));
    const reaper = await aReaper();
    for (const expected of ['queued', 'queued', 'failed']) {
      await assignJobs(database);
      const [{ agent_id } = { agent_id: '' }] = await database.query<{ agent_id: string }>(
        `select agent_id from attempts where state = 'offered'`,
      );
      await accept(agent_id);
      await expireLeases();
      await reaper.tick();
      expect(await states()).toEqual({ build: expected });
    }
    expect((await jobs())[0]?.reason).toBe('agent_lost');
    expect(first).toBeTruthy();
  });

  it('that was only offered goes elsewhere without costing a retry', async () => {
    const [a, b] = [await anAgent(database, { slots: 2 }), await anAgent(database, { slots: 1 })];
    await start(aPipeline(aJobSpec()));
    const reaper = await aReaper();
    await assignJobs(database);
    expect(await offers(a)).toHaveLength(1);
    await expireLeases();
    await reaper.tick();
    await assignJobs(database);
    expect(await offers(b)).toHaveLength(1);
    expect(await database.query('select infra_retries_left as left from jobs')).toEqual([{ left: 2 }]);
  });

  it('is not judged right after the server was away: every lease is granted in full first', async () => {
    const agent = await anAgent(database);
    await start(aPipeline(aJobSpec()));
    await assignJobs(database);
    await accept(agent);
    await expireLeases();
    let now = 0;
    const reaper = new Reaper({ ...deps(), log, now: () => now });
    await reaper.tick();
    await reaper.tick();
    expect(await states()).toEqual({ build: 'running' });
    await expireLeases();
    now = 60_000;
    await reaper.tick();
    await reaper.tick();
    expect(await states()).toEqual({ build: 'running' });
  });

  it('does not cost its agent all further work: one that was given up for its silence gets jobs again once it renews', async () => {
    const agent = await anAgent(database, { slots: 1 });
    await database.query('update agents set connected = false');
    await start(aPipeline(aJobSpec()));
    await assignJobs(database);
    expect(await offers(agent)).toEqual([]);
    expect(await renew(agent, [])).toMatchObject({ attempts: [] });
    await assignJobs(database);
    expect(await offers(agent)).toHaveLength(1);
  });

  it('cannot be finished by the agent that lost it', async () => {
    const agent = await anAgent(database, { slots: 1 });
    await start(aPipeline(aJobSpec()));
    await assignJobs(database);
    const stale = await accept(agent);
    const reaper = await aReaper();
    await expireLeases();
    await reaper.tick();
    await expect(finish(agent, stale, PASSED)).rejects.toThrow(/is over for the server/);
    expect(await states()).toEqual({ build: 'queued' });
  });
});

describe('work of an agent that was restarted', () => {
  const [before, now] = [randomUUID(), randomUUID()];
  const attempts = () =>
    database.query<{ state: string; reason: string | null }>(`select state, outcome->>'reason' as reason from attempts order by number`);
  const age = (ms: number) => database.query(`update attempts set accepted_at = accepted_at - make_interval(secs => $1)`, [ms / 1000]);

  const waitingForJob = () =>
    vi.waitUntil(async () => {
      const waiting = await database.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%update jobs j set state = ''assigned''%'`,
      );
      return waiting.length > 0;
    });

  async function offered(over: { slots?: number } = {}) {
    const agent = await anAgent(database, over);
    await hello(agent, before);
    await start(aPipeline(aJobSpec()));
    await assignJobs(database);
    return agent;
  }

  it('is lost at once, however young: the process that took it is there no more', async () => {
    const agent = await offered();
    const stale = await accept(agent, before);
    await hello(agent, now);
    expect(await states()).toEqual({ build: 'queued' });
    expect(await attempts()).toEqual([{ state: 'ended', reason: 'agent_lost' }]);
    await expect(finish(agent, stale, PASSED)).rejects.toThrow(/is over for the server/);
    await assignJobs(database);
    await finish(agent, await accept(agent, now), PASSED);
    expect(await runState()).toBe('succeeded');
  });

  it('is spared when the same process only reconnects, but for what it has said nothing of for longer than an accept is on its way', async () => {
    const agent = await offered();
    const work = await accept(agent, before);
    await hello(agent, before);
    expect(await states()).toEqual({ build: 'running' });
    await age(10_000);
    await hello(agent, before, [work]);
    expect(await states()).toEqual({ build: 'running' });
    await hello(agent, before);
    expect(await states()).toEqual({ build: 'queued' });
  });

  it('that was only offered is offered anew at once, and costs no retry; the same process keeps its offers', async () => {
    const agent = await offered();
    await hello(agent, before);
    const [first] = await offers(agent);
    expect(first).toBeDefined();
    await hello(agent, now);
    expect(await states()).toEqual({ build: 'queued' });
    await assignJobs(database);
    const [second] = await offers(agent);
    expect(second?.id).not.toBe(first?.id);
    expect(await attempts()).toEqual([
      { state: 'ended', reason: 'not_accepted' },
      { state: 'offered', reason: null },
    ]);
    expect(await database.query('select infra_retries_left as left from jobs')).toEqual([{ left: 2 }]);
    await accept(agent, now);
  });

  it.each(['offered', 'accepted'])('that was %s goes to another agent, as one that can serve is there', async (how) => {
    const agent = await offered({ slots: 2 });
    const other = await anAgent(database, { slots: 1 });
    if (how === 'accepted') await accept(agent, before);
    await hello(agent, now);
    await assignJobs(database);
    expect(await offers(agent)).toEqual([]);
    expect(await offers(other)).toHaveLength(1);
  });

  it('cannot be accepted by the process before any more, whether it was offered to that one or to the next', async () => {
    const agent = await offered();
    const [first] = await offers(agent);
    await hello(agent, now);
    await expect(acceptOffer(agent, first?.id, before)).rejects.toMatchObject({ code: 'attempt_not_yours' });
    await assignJobs(database);
    const [second] = await offers(agent);
    await expect(acceptOffer(agent, second?.id, before)).rejects.toMatchObject({ code: 'process_replaced' });
    await expect(acceptOffer(agent, second?.id)).rejects.toMatchObject({ code: 'process_replaced' });
    await acceptOffer(agent, second?.id, now);
  });

  it('is not forgotten when it is being assigned to the process before while the new one says hello', async () => {
    const agent = await anAgent(database);
    await hello(agent, before);
    await start(aPipeline(aJobSpec()));
    let both: Promise<unknown> = Promise.resolve();
    await database.transaction(async (tx) => {
      await tx.query('select 1 from jobs for update');
      // Has read which process is there, and waits for the job.
      both = Promise.all([assignJobs(database), waitingForJob().then(() => hello(agent, now))]);
      await waitingForJob();
      await sleep(100);
    });
    await both;
    await assignJobs(database);
    await accept(agent, now);
    expect(await states()).toEqual({ build: 'running' });
  });

  it('of before there were processes, or of an agent that does not name its own, is judged by its age alone', async () => {
    const agent = await anAgent(database);
    await hello(agent);
    await start(aPipeline(aJobSpec()));
    await assignJobs(database);
    await accept(agent);
    await hello(agent, now);
    expect(await states()).toEqual({ build: 'running' });
    await age(10_000);
    await hello(agent);
    expect(await states()).toEqual({ build: 'queued' });
  });
});

describe('cancel and retry', () => {
  it('cancels what has not begun at once and a running job by way of its agent, whose renewal hears of it too', async () => {
    const agent = await anAgent(database);
    const { runId } = await start(aPipeline(aJobSpec(), aJobSpec({ name: 'unit', needs: ['build'] })));
    await assignJobs(database);
    const work = await accept(agent);
    await cancelRun(deps(), runId, at.userId);
    expect(await states()).toEqual({ build: 'cancelling', unit: 'cancelled' });
    const renewed = await renew(agent, [work]);
    expect(renewed.attempts[0]).toMatchObject({ held: true, cancel: 'Cancelled by Ada.' });
    await finish(agent, work, { kind: 'stopped', reason: 'cancelled' });
    expect(await runState()).toBe('cancelled');
  });

  it('makes a new row that names the old one, opens the run again and makes skipped dependents anew', async () => {
    const agent = await anAgent(database);
    await start(aPipeline(aJobSpec(), aJobSpec({ name: 'unit', needs: ['build'] })));
    await assignJobs(database);
    await finish(agent, await accept(agent), FAILED);
    const [failed] = await jobs();
    const again = await retryJob(deps(), failed?.id ?? '', at.userId);
    expect(await states()).toEqual({ build: 'queued', unit: 'waiting' });
    expect(await runState()).toBe('pending');
    expect(await database.query('select retry_of from jobs where id = $1', [again])).toEqual([{ retry_of: failed?.id }]);
    await expect(retryJob(deps(), failed?.id ?? '', at.userId)).rejects.toThrow(/retried already/);
  });
});
