import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StartRun } from '../../../build/runs/ports.js';
import { DomainError } from '../../../platform/errors.js';
import { runGit } from '../../../platform/git.js';
import { aRepository } from '../../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../../testing/database.js';
import { hosting, insertRunRow, runsOf } from '../testing/hosted.js';
import { pushInto } from '../testing/push.js';
import { WorkTree } from '../testing/work-tree.js';
import { retryPush } from './retry-push.js';
import type { PushLetter } from './take-pushes.js';

let db: TestDatabase;
let hosted: Awaited<ReturnType<typeof hosting>>;
let tree: WorkTree;
let id: string;
let gitDir: string;

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.query('truncate dead_letters');
  hosted = await hosting({ db });
  tree = await WorkTree.make();
  ({ repositoryId: id } = await aRepository(db));
  await hosted.store.init(id);
  gitDir = hosted.store.folder(id);
});
afterEach(async () => {
  await hosted.remove();
  await tree[Symbol.asyncDispose]();
});

type Letter = { key: string; about: string; error: string; tries: number; body: PushLetter };

const push = (...refs: string[]) => pushInto({ store: hosted.store, gitDir }, tree, ...refs);
const letters = () => db.query<Letter>('select key, about, error, tries, body from dead_letters order by id');
const headOf = async (branch: string) =>
  (await db.query<{ sha: string }>('select head_sha as sha from branches where repository_id = $1 and name = $2', [id, branch]))[0]?.sha;
const noRuns = () =>
  db.query('select ref, no_run_code as code from pushes where repository_id = $1 and no_run_code is not null order by journal_offset', [
    id,
  ]);

/** Starts no run of the commits that are named, as Postgres would refuse it. */
const refusing =
  (error: (tx: Parameters<StartRun>[0]) => Promise<unknown>, ...shas: string[]): StartRun =>
  async (tx, run) => {
    if (shas.includes(run.commitSha)) await error(tx);
    return insertRunRow(tx, run);
  };
const badJson = (tx: Parameters<StartRun>[0]) => tx.query(`select '"\\ud83d"'::jsonb`);

async function threePushes(): Promise<[string, string, string]> {
  const shas: string[] = [];
  for (const name of ['first', 'second', 'third']) {
    shas.push(await tree.commit(name));
    await push('main');
  }
  return shas as [string, string, string];
}

describe('a push that can not be taken', () => {
  it('is set aside at once when Postgres refuses its data, keeps its branch right, and holds up none behind it', async () => {
    const [first, second, third] = await threePushes();
    await hosted.ingest(refusing(badJson, second)).ingest(id);
    expect(await runsOf(db, id)).toEqual([`main ${first}`, `main ${third}`]);
    expect(await headOf('main')).toBe(third);
    expect(await noRuns()).toEqual([{ ref: 'refs/heads/main', code: 'set_aside' }]);
    expect(await letters()).toMatchObject([
      { about: `Push of "main" at ${second.slice(0, 7)}`, error: expect.stringContaining('json'), tries: 1 },
    ]);
  });

  it('is set aside though it is the last one: its branch stands where it was pushed to', async () => {
    const [, , third] = await threePushes();
    await hosted.ingest(refusing(badJson, third)).ingest(id);
    expect(await headOf('main')).toBe(third);
  });

  it('leaves no row where not even its ref can be stored', async () => {
    const first = await tree.commit('first');
    await push('main');
    await push('main:poison');
    const second = await tree.commit('second');
    await push('main');
    await db.query(`alter table pushes add constraint no_poison check (ref <> 'refs/heads/poison')`);
    await hosted.ingest().ingest(id);
    await db.query('alter table pushes drop constraint no_poison');
    expect(await runsOf(db, id)).toEqual([`main ${first}`, `main ${second}`]);
    expect(await letters()).toMatchObject([{ about: expect.stringContaining('"poison"'), error: expect.stringContaining('no_poison') }]);
    expect(await noRuns()).toEqual([]);
  });

  it('is the only one of many imported at once', async () => {
    const sha = await tree.commit('first');
    const names = Array.from({ length: 40 }, (_, n) => `b${n}`);
    await runGit(['fetch', '--quiet', tree.folder, ...names.map((name) => `main:refs/heads/${name}`)], {
      gitDir,
      ...hosted.store.fetching('import'),
    });
    await db.query(`alter table branches add constraint no_poison check (name <> 'b7')`);
    await hosted.ingest().ingest(id);
    await db.query('alter table branches drop constraint no_poison');
    const kept = await db.query<{ name: string }>('select name from branches where repository_id = $1', [id]);
    expect(kept.map((row) => row.name).sort()).toEqual(names.filter((name) => name !== 'b7').sort());
    expect(await letters()).toMatchObject([{ about: `Push of "b7" at ${sha.slice(0, 7)}` }]);
  });

  it('is tried for itself five times when nobody knows why it fails', async () => {
    const [first, second, third] = await threePushes();
    const ingest = hosted.ingest(refusing(() => Promise.reject(new TypeError('odd')), second));
    for (let n = 0; n < 5; n++) await expect(ingest.ingest(id)).rejects.toThrow('odd');
    expect(await letters()).toEqual([]);
    await ingest.ingest(id);
    expect(await runsOf(db, id)).toEqual([`main ${first}`, `main ${third}`]);
    expect(await letters()).toMatchObject([{ error: 'odd', tries: 5 }]);
  });

  it('is never set aside for what passes', async () => {
    const shas = await threePushes();
    let away = true;
    const ingest = hosted.ingest(async (tx, run) => {
      if (away) throw new DomainError('unavailable', 'away', 'Away.');
      return insertRunRow(tx, run);
    });
    for (let n = 0; n < 10; n++) await expect(ingest.ingest(id)).rejects.toThrow('Away.');
    away = false;
    await ingest.ingest(id);
    expect(await runsOf(db, id)).toEqual(shas.map((sha) => `main ${sha}`));
    expect(await letters()).toEqual([]);
  });

  it('is set aside when servers have died of it, one after the other, and those that lived or were told to end are not counted', async () => {
    const [first, second, third] = await threePushes();
    const away: StartRun = () => Promise.reject(new DomainError('unavailable', 'away', 'Away.'));
    const endAt = async (taker: string | null) => {
      const server = hosted.ingest(away);
      await expect(server.ingest(id)).rejects.toThrow('Away.');
      if (taker === null) await server.stop();
      else await db.query('update repositories set taking_process = $2 where id = $1', [id, taker]);
    };
    const aDeadProcess = '4194304:1';
    for (let n = 0; n < 5; n++) await endAt(null);
    for (let n = 0; n < 5; n++) await endAt(`elsewhere ${aDeadProcess}`);
    for (let n = 0; n < 9; n++) await endAt(`${hostname()} ${aDeadProcess}`);
    expect(await letters()).toEqual([]);
    await endAt(`${hostname()} ${aDeadProcess}`);
    await hosted.ingest().ingest(id);
    expect(await runsOf(db, id)).toEqual([`main ${second}`, `main ${third}`]);
    expect(await letters()).toMatchObject([
      { about: `Push of "main" at ${first.slice(0, 7)}`, error: expect.stringContaining('The server ended several times'), tries: 10 },
    ]);
  });

  it('is set aside once by two servers', async () => {
    const [first, second, third] = await threePushes();
    const startRun = refusing(badJson, second);
    await Promise.all([hosted.ingest(startRun).ingest(id), hosted.ingest(startRun).ingest(id)]);
    expect(await runsOf(db, id)).toEqual([`main ${first}`, `main ${third}`]);
    expect(await letters()).toMatchObject([{ tries: 1 }]);
  });
});

describe('a push that was set aside, tried again', () => {
  const again = async () => {
    const [letter] = await letters();
    if (!letter) throw new Error('Nothing was set aside.');
    const deps = { db, store: hosted.store, startRun: insertRunRow, readPipeline: hosted.readPipeline };
    await db.transaction((tx) => retryPush(deps, tx, id, letter.body));
  };

  it('gets its run, and does not move its branch back', async () => {
    const [first, second, third] = await threePushes();
    await hosted.ingest(refusing(badJson, second)).ingest(id);
    await again();
    expect(await runsOf(db, id)).toEqual([`main ${first}`, `main ${third}`, `main ${second}`]);
    expect(await headOf('main')).toBe(third);
    expect(await noRuns()).toEqual([]);
  });
});
