import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Database } from '../../platform/database.js';
import { testDatabase } from '../../testing/database.js';
import { approvePullRequest } from './approve-pull-request.js';
import { MergeKeeper } from './merge-keeper.js';
import { PIPELINE, type PullRequestWorld, pullRequestWorld } from './testing/pull-request-world.js';

let db: Database & { close(): Promise<void> };
let world: PullRequestWorld;
let keeper: MergeKeeper;
let head: string;
let now = 0;
let warnings = 0;

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  [now, warnings] = [Date.now(), 0];
  world = await pullRequestWorld(db);
  keeper = new MergeKeeper({
    database: db,
    settle: (id) => world.news.settle(id),
    log: { warn: () => void warnings++, error: () => void warnings++ },
    now: () => now,
  });
  await world.commit('main', { '.slipway.yml': PIPELINE, 'a.txt': 'one\n' });
  head = await world.commit('feature', { 'b.txt': 'two\n' });
});
afterEach(async () => {
  await keeper.stop();
  await db.query('delete from pull_requests');
  await world.remove();
});

const changed = async (over: object = {}) => world.news.changed(world.repositoryId, await world.facts({ headSha: head, ...over }));
const until = (expected: object) => vi.waitFor(async () => expect(await world.row()).toMatchObject(expected), { timeout: 10_000 });
async function baseMoves(files: Record<string, string>): Promise<string> {
  const sha = await world.commit('main', files);
  await world.mirrors.fetchNow(world.repositoryId);
  return sha;
}

it('makes merges again when their base moves, conflicts and all, and starts no second run for it', async () => {
  await changed();
  keeper.start();
  const moved = await baseMoves({ 'a.txt': 'two\n' });
  keeper.wake();
  await until({ baseSha: moved, mergeState: 'clean' });
  await baseMoves({ 'b.txt': 'other\n' });
  keeper.wake();
  await until({ mergeState: 'conflict', conflicts: ['b.txt'] });
  expect(await world.runs()).toMatchObject([{ state: 'pending' }]);
});

it('builds what could not be merged before, once its base makes it possible', async () => {
  await baseMoves({ 'b.txt': 'other\n' });
  await changed();
  expect(await world.runs()).toEqual([]);
  await baseMoves({ 'b.txt': 'two\n' });
  keeper.start();
  await until({ mergeState: 'clean' });
  expect(await world.runs()).toMatchObject([{ headSha: head }]);
});

it('finishes what a killed server had begun: an approval without its run, runs of what is over', async () => {
  await changed({ sourceRepository: 'stranger/app' });
  await approvePullRequest(db, await world.id(), head, world.userId);
  keeper.start();
  await vi.waitFor(async () => expect(await world.runs()).toHaveLength(1));
  await db.query(`update pull_requests set state = 'closed'`);
  keeper.wake();
  await vi.waitFor(async () => expect(await world.runs()).toMatchObject([{ state: 'cancelled' }]));
  expect(warnings).toBe(0);
});

it('tries again what fails, slower each time, and goes on with the others', async () => {
  world.mirrors.isAway = true;
  await expect(changed()).rejects.toThrow('does not answer');
  world.mirrors.isAway = false;
  await world.mirrors.fetchNow(world.repositoryId);
  world.mirrors.isAway = true;
  keeper.start();
  await vi.waitFor(() => expect(warnings).toBe(1));
  world.mirrors.isAway = false;
  keeper.wake();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await world.row()).toMatchObject({ mergeState: 'unknown' });
  now += 20_000;
  keeper.wake();
  await until({ mergeState: 'clean' });
  expect(await world.runs()).toHaveLength(1);
});

it('sets aside one that can not be settled, settles the others, and looks at it again with a new head', async () => {
  await db.query('truncate dead_letters');
  await changed();
  await changed({ number: 8 });
  const [first] = await db.query<{ id: string }>('select id from pull_requests order by number limit 1');
  const settle = async (id: string) => {
    if (id === first?.id && head !== 'new') await db.query(`select '"\\ud83d"'::jsonb`);
    return world.news.settle(id);
  };
  await keeper.stop();
  keeper = new MergeKeeper({ database: db, settle, log: { warn: () => void warnings++, error: () => void warnings++ }, now: () => now });
  const moved = await baseMoves({ 'a.txt': 'two\n' });
  keeper.start();
  const bases = async () =>
    (await db.query<{ base: string }>('select base_sha as base from pull_requests order by number')).map(({ base }) => base === moved);
  await vi.waitFor(async () => expect(await bases()).toEqual([false, true]), { timeout: 10_000 });
  await vi.waitFor(async () =>
    expect(await db.query('select kind, tries from dead_letters')).toEqual([{ kind: 'pull_request', tries: 1 }]),
  );
  keeper.wake();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(warnings).toBe(1);
  head = 'new';
  const again = await baseMoves({ 'a.txt': 'three\n' });
  keeper.wake();
  await vi.waitFor(async () => expect(await db.query('select 1 from pull_requests where base_sha = $1', [again])).toHaveLength(2), {
    timeout: 10_000,
  });
  expect(await db.query('select 1 from dead_letters')).toEqual([]);
});
