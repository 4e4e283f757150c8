import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Changes } from '../../platform/changes.js';
import { anAgent, aRepository } from '../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../testing/database.js';
import { silent } from '../../testing/graphql.js';
import { assignJobs } from './assign-jobs.js';
import { QueueQueries } from './queue.queries.js';
import { QueueNews } from './queue-news.js';

let database: TestDatabase;
let queue: QueueQueries;
let at: { projectId: string; repositoryId: string };

beforeAll(async () => {
  database = await testDatabase();
  queue = new QueueQueries(database);
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.query('truncate users, agents, outbox cascade');
  at = await aRepository(database);
});

/** @returns the run's id */
async function aQueuedRun({ of = at, number = 1, trusted = true } = {}): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into runs (id, project_id, repository_id, number, branch, commit_sha, trigger, state, trusted)
     values ($1, $2, $3, $4, 'main', 'c0ffee', 'manual', 'running', $5)`,
    [id, of.projectId, of.repositoryId, number, trusted],
  );
  return id;
}

/** Queued in this order. @returns their ids, first queued first */
async function queued(runId: string, count: number, over: { tags?: string[]; projectId?: string } = {}): Promise<string[]> {
  const rows = await database.query<{ id: string }>(
    `insert into jobs (id, run_id, project_id, position, name, kind, spec, state, tags, timeout_ms, queued_at, trusted)
     select gen_random_uuid(), $1, $2, n, gen_random_uuid()::text, 'build', '{}', 'queued', $3, 60000, clock_timestamp(),
       (select trusted from runs where id = $1) from generate_series(1, $4) n
     returning id, position`,
    [runId, over.projectId ?? at.projectId, over.tags ?? [], count],
  );
  return rows.map(({ id }) => id);
}

const assigned = async () => (await database.query<{ id: string }>(`select id from jobs where state = 'assigned'`)).map(({ id }) => id);

describe('what can run', () => {
  it('runs, however long the queue of what no agent can serve', async () => {
    const run = await aQueuedRun();
    await queued(run, 5_000, { tags: ['gpu'] });
    for (let other = 0; other < 200; other++) await queued(run, 1, { tags: [`tag-${other}`] });
    const [last] = await queued(run, 1);
    await anAgent(database, { slots: 2 });
    expect(await assignJobs(database)).toBe(1);
    expect(await assigned()).toEqual([last]);
  });

  it('runs when tags are as long as the longest pipeline could make them', async () => {
    const run = await aQueuedRun();
    await queued(run, 2, { tags: Array.from({ length: 500 }, (_, index) => `${index}`.padEnd(100, 'x')) });
    const [last] = await queued(run, 1);
    await anAgent(database);
    await assignJobs(database);
    expect(await assigned()).toEqual([last]);
  });

  it('is shared out between projects, however many jobs of the one are older', async () => {
    await queued(await aQueuedRun(), 2_000);
    const other = await aRepository(database);
    const late = await queued(await aQueuedRun({ of: other }), 3, { projectId: other.projectId });
    await anAgent(database, { slots: 6 });
    expect(await assignJobs(database)).toBe(6);
    expect(await assigned()).toEqual(expect.arrayContaining(late));
  });

  it('runs here only if it is the code of the project, or the agent holds in what is not', async () => {
    const [fork = ''] = await queued(await aQueuedRun({ trusted: false }), 1);
    const [own] = await queued(await aQueuedRun({ number: 2 }), 1);
    const agent = await anAgent(database);
    await database.query(`update agents set sandbox = '{"untrusted": "of another shape"}'`);
    await assignJobs(database);
    expect(await assigned()).toEqual([own]);
    expect(await queue.reasons([fork])).toMatchObject([{ reason: 'no_agent_for_untrusted' }]);
    expect(await queue.places([fork])).toEqual([null]);
    await database.query(`update agents set sandbox = '{"untrusted": true}' where id = $1`, [agent]);
    expect(await queue.places([fork])).toEqual([1]);
    await assignJobs(database);
    expect(await assigned()).toEqual(expect.arrayContaining([own, fork]));
    await expect(database.query('update jobs set trusted = true where id = $1', [fork])).rejects.toThrow('foreign key');
  });
});

describe('a queued job', () => {
  it('has its place among those that wait for the same agents', async () => {
    const run = await aQueuedRun();
    const [gpu = ''] = await queued(run, 1, { tags: ['gpu'] });
    const [first = '', second = ''] = await queued(run, 2);
    await anAgent(database, { slots: 1 });
    expect(await queue.places([gpu, first, second, randomUUID()])).toEqual([null, 1, 2, null]);
  });

  it('says what it waits for, after what made it wait again', async () => {
    const [job = ''] = await queued(await aQueuedRun(), 1, { tags: ['gpu'] });
    expect(await queue.reasons([job])).toMatchObject([{ reason: 'no_agent' }]);
    await anAgent(database);
    await database.query(`update jobs set message = 'The agent was lost. Queued again.' where id = $1`, [job]);
    const tags = "No agent has the tag gpu. Give an agent this tag (SLIPWAY_AGENT_TAGS), or change the job's tags.";
    expect(await queue.reasons([job])).toMatchObject([
      { reason: 'no_agent_with_tags', message: `The agent was lost. Queued again. ${tags}` },
    ]);
    await database.query(`update jobs set tags = '{}'`);
    await database.query('update agents set connected = false');
    expect(await queue.reasons([job, randomUUID()])).toMatchObject([{ reason: 'agents_gone' }, null]);
  });
});

it('tells those who watch a run with queued jobs that the queue has moved, and nobody else', async () => {
  const changes = new Changes();
  const waiting = await aQueuedRun();
  await queued(waiting, 1);
  const running = await aQueuedRun({ number: 2 });
  const [told, untold] = [vi.fn(), vi.fn()];
  changes.watch('run', waiting, told);
  changes.watch('run', running, untold);
  const news = new QueueNews({ database, changes, log: silent, now: Date.now });
  news.start();
  for (let moves = 0; moves < 20; moves++) changes.emit('queue.slots');
  await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1));
  changes.emit('queue.jobs');
  await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(2), { timeout: 3_000 });
  await news.stop();
  expect(untold).not.toHaveBeenCalled();
});
