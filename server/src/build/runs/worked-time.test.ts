import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../platform/database.js';
import { aJobSpec, aPipeline, aRepository, aRun, noDeployments } from '../../testing/builders.js';
import { testDatabase } from '../../testing/database.js';
import { RunQueries } from './run.queries.js';
import { createStartRun } from './start-run.js';

let database: Database & { close(): Promise<void> };
let at: { userId: string; projectId: string; repositoryId: string };
const startRun = createStartRun(() => noDeployments);

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.query('truncate users, agents, outbox cascade');
  at = await aRepository(database);
});

type Times = { name: string; state?: string; from: string | null; to: string | null; replaced?: boolean };

/** A run whose jobs were worked on at these times of one day. */
async function ran(...times: Times[]): Promise<string> {
  const names = [...new Set(times.map(({ name }) => name))];
  const { runId } = await database.transaction((tx) => startRun(tx, aRun(at, aPipeline(...names.map((name) => aJobSpec({ name }))))));
  await database.query('delete from jobs where run_id = $1', [runId]);
  const day = (time: string | null) => time && `2026-01-01T${time}Z`;
  for (const { name, state = 'succeeded', from, to, replaced = false } of times)
    await database.query(
      `insert into jobs (id, run_id, project_id, position, name, kind, spec, state, is_current, priority, tags, timeout_ms, started_at, finished_at)
       values (gen_random_uuid(), $1, $2, 0, $3, 'build', '{}', $4, $5, 0, '{}', 1000, $6, $7)`,
      [runId, at.projectId, name, state, !replaced, day(from), day(to)],
    );
  return runId;
}

const worked = async (runId: string) => (await new RunQueries(database).workedTimes([runId]))[0];

describe('the time of a run', () => {
  it('counts what runs at once once, and no time in which nothing ran', async () => {
    const run = await ran(
      { name: 'build', from: '10:00:00', to: '10:00:04' },
      { name: 'unit', from: '10:00:10', to: '10:00:20' },
      { name: 'lint', from: '10:00:12', to: '10:00:15' },
      { name: 'left-out', state: 'skipped', from: null, to: '10:00:20' },
    );
    expect(await worked(run)).toEqual({ id: run, workedMs: 14_000, workingSince: null });
  });

  it('is not the time until somebody retried it, nor that of what the retry replaced', async () => {
    const run = await ran(
      { name: 'build', from: '10:00:00', to: '10:00:01' },
      { name: 'unit', state: 'failed', from: '10:00:01', to: '10:00:09', replaced: true },
      { name: 'unit', from: '10:46:00', to: '10:46:01' },
    );
    expect((await worked(run))?.workedMs).toBe(2000);
  });

  it('says since when something runs, and leaves that to whoever has a clock', async () => {
    const run = await ran(
      { name: 'build', from: '10:00:00', to: '10:00:05' },
      { name: 'unit', state: 'running', from: '10:00:04', to: null },
      { name: 'lint', state: 'queued', from: '09:00:00', to: null },
    );
    expect(await worked(run)).toMatchObject({ workedMs: 0, workingSince: new Date('2026-01-01T10:00:00Z') });
  });

  it('is nothing before anything ran, or after a clock that went back', async () => {
    const run = await ran({ name: 'build', state: 'queued', from: null, to: null }, { name: 'unit', from: '10:00:05', to: '10:00:04' });
    expect(await worked(run)).toMatchObject({ workedMs: 0, workingSince: null });
  });

  it('is what the expected time of the next run is taken from', async () => {
    const old = await ran({ name: 'build', from: '10:00:00', to: '10:00:03' }, { name: 'unit', from: '11:00:00', to: '11:00:04' });
    await database.query(
      `update runs set state = 'succeeded', started_at = '2026-01-01T10:00:00Z', finished_at = '2026-01-01T11:00:04Z' where id = $1`,
      [old],
    );
    const next = await ran({ name: 'build', state: 'queued', from: null, to: null });
    expect(await new RunQueries(database).expectedMs([next])).toEqual([7000]);
  });
});
