import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../platform/database.js';
import { runGit } from '../../../platform/git.js';
import { aRepository } from '../../../testing/builders.js';
import { testDatabase } from '../../../testing/database.js';
import { hosting, insertRunRow, runsOf } from '../testing/hosted.js';
import { pushInto } from '../testing/push.js';
import { WorkTree } from '../testing/work-tree.js';

type Hosted = Awaited<ReturnType<typeof hosting>>;

let db: Database & { close(): Promise<void> };
let hosted: Hosted;
let tree: WorkTree;
let id: string;
let gitDir: string;

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

beforeEach(async () => {
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

const push = (...refs: string[]) => pushInto({ store: hosted.store, gitDir }, tree, ...refs);

const journal = () => readFile(join(gitDir, 'slipway-journal'), 'utf8');
const offset = async () =>
  Number((await db.query<{ o: string }>('select journal_offset as o from repositories where id = $1', [id]))[0]?.o);
const branches = async () =>
  (await db.query<{ name: string }>('select name from branches where repository_id = $1 order by name', [id])).map((row) => row.name);

describe('pushes become rows', () => {
  it('makes one run for each branch update, in order, and none for tags', async () => {
    const first = await tree.commit('first');
    await push('main');
    const second = await tree.commit('second');
    await tree.git('tag', 'v1');
    await push('main', 'v1', 'main:feature/größe-日本');
    await hosted.ingest().ingest(id);
    await hosted.ingest().ingest(id);
    expect(await runsOf(db, id)).toEqual([`main ${first}`, `main ${second}`, `feature/größe-日本 ${second}`]);
    expect(await db.query('select ref, commits from pushes where repository_id = $1 order by journal_offset', [id])).toEqual([
      { ref: 'refs/heads/main', commits: 1 },
      { ref: 'refs/heads/main', commits: 1 },
      { ref: 'refs/tags/v1', commits: 0 },
      { ref: 'refs/heads/feature/größe-日本', commits: 0 },
    ]);
    expect(await offset()).toBe((await stat(join(gitDir, 'slipway-journal'))).size);
  });

  it('makes the first branch the default, whatever its name', async () => {
    await tree.commit('first');
    await push('main:trunk');
    await push('main:other');
    await hosted.ingest().ingest(id);
    expect(await db.query('select default_branch from repositories where id = $1', [id])).toEqual([{ default_branch: 'trunk' }]);
    expect(await readFile(join(gitDir, 'HEAD'), 'utf8')).toBe('ref: refs/heads/trunk\n');
  });

  it.each([
    [['main:alpha', 'main:master', 'main:main', 'main:zeta'], 'main'],
    [['main:zeta', 'main:master', 'main:alpha'], 'master'],
    [['main:zeta'], 'zeta'],
  ])('takes for the default branch, of a push of %j, %s', async (refs, expected) => {
    await tree.commit('first');
    await push(...refs);
    await hosted.ingest().ingest(id);
    expect(await db.query('select default_branch from repositories where id = $1', [id])).toEqual([{ default_branch: expected }]);
  });

  it('finds the default branch after a death between the push and its choice', async () => {
    await tree.commit('first');
    await push('main:trunk');
    await hosted.ingest().ingest(id);
    await db.query('update repositories set default_branch = null where id = $1', [id]);
    const ingest = hosted.ingest();
    await ingest.start();
    await ingest.stop();
    expect(await db.query('select default_branch from repositories where id = $1', [id])).toEqual([{ default_branch: 'trunk' }]);
  });

  it('records who wrote what, follows forced pushes and forgets deleted branches', async () => {
    const base = await tree.commit('base');
    await tree.commit('old way\n\nwith a body');
    await push('main', 'main:gone');
    await tree.git('reset', '--quiet', '--hard', base);
    const forced = await tree.commit('new way');
    await push('+main', ':gone');
    await hosted.ingest().ingest(id);
    expect(await branches()).toEqual(['main']);
    expect((await runsOf(db, id)).at(-1)).toBe(`main ${forced}`);
    const commits = await db.query('select message, author_name, parents from commits where repository_id = $1 order by message', [id]);
    expect(commits).toEqual([
      { message: 'base', author_name: 'Ada', parents: [] },
      { message: 'new way', author_name: 'Ada', parents: [base] },
      { message: 'old way\n\nwith a body', author_name: 'Ada', parents: [base] },
    ]);
  });

  it('takes a push of 10,000 commits within 2 s', { retry: 2 }, async () => {
    await tree.commitMany('main', 10_000);
    await push('main');
    const start = performance.now();
    await hosted.ingest().ingest(id);
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(await db.query('select count(*)::int as n from commits where repository_id = $1', [id])).toEqual([{ n: 10_000 }]);
  });

  it('leaves no trace of packing refs', async () => {
    await tree.commit('first');
    await push('main');
    const before = await journal();
    await hosted.store.pack(id, new AbortController().signal);
    await runGit(['pack-refs', '--all'], { gitDir });
    expect(await journal()).toBe(before);
  });
});

describe('whoever dies', () => {
  it('between the update of the ref and its mark: the push counts, once', async () => {
    const sha = await tree.commit('first');
    await push('main');
    await writeFile(join(gitDir, 'slipway-journal'), (await journal()).replace(/\nC .*\n/, ''));
    await hosted.ingest().ingest(id);
    await hosted.ingest().ingest(id);
    expect(await runsOf(db, id)).toEqual([`main ${sha}`]);
  });

  it('between the line and the update: it has not happened, its lock is taken away, and the same push works afterwards', async () => {
    await tree.commit('first');
    await push('main');
    const [zero, sha] = ['0'.repeat(40), await tree.commit('second')];
    await appendFile(
      join(gitDir, 'slipway-journal'),
      `\nP 999999:1 ${Math.floor(Date.now() / 1000)} slipway ${zero} ${sha} refs/heads/next\n`,
    );
    const lock = join(gitDir, 'refs/heads/next.lock');
    await writeFile(lock, `${sha}\n`);
    await utimes(lock, new Date(Date.now() - 2_000), new Date(Date.now() - 2_000));
    await hosted.ingest().ingest(id);
    expect(await branches()).toEqual(['main']);
    await push('main:next');
    await hosted.ingest().ingest(id);
    expect((await runsOf(db, id)).slice(1)).toEqual([`next ${sha}`]);
  });

  it('in the middle of the rows: nothing is half there, and the next round makes them once, in order', async () => {
    const shas = [await tree.commit('first')];
    await push('main');
    shas.push(await tree.commit('second'));
    await push('main');
    let calls = 0;
    const broken = hosted.ingest(async (tx, run) => {
      const made = await insertRunRow(tx, run);
      if (++calls === 2) throw new Error('killed');
      return made;
    });
    await expect(broken.ingest(id)).rejects.toThrow('killed');
    expect(await runsOf(db, id)).toEqual([`main ${shas[0]}`]);
    await hosted.ingest().ingest(id);
    expect(await runsOf(db, id)).toEqual(shas.map((sha) => `main ${sha}`));
  });

  it('waits for a git that is still at work, and for nothing that comes before it', async () => {
    const sha = await tree.commit('first');
    await push('main');
    const sleeper = spawn('sleep', ['60']);
    const start = (await readFile(`/proc/${sleeper.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[19];
    await appendFile(
      join(gitDir, 'slipway-journal'),
      `\nP ${sleeper.pid}:${start} 1700000000 slipway ${'0'.repeat(40)} ${sha} refs/heads/later\n`,
    );
    await hosted.ingest().ingest(id);
    expect(await runsOf(db, id)).toEqual([`main ${sha}`]);
    await runGit(['update-ref', 'refs/heads/later', sha], { gitDir });
    sleeper.kill('SIGKILL');
    await once(sleeper, 'close');
    await hosted.ingest().ingest(id);
    expect(await runsOf(db, id)).toEqual([`main ${sha}`, `later ${sha}`]);
  });

  it('while the server was away: the next start finds what was pushed', async () => {
    const sha = await tree.commit('first');
    await push('main');
    const ingest = hosted.ingest();
    await ingest.start();
    await ingest.stop();
    expect(await runsOf(db, id)).toEqual([`main ${sha}`]);
  });

  it('two rounds at the same time, of two servers, make one run', async () => {
    const sha = await tree.commit('first');
    await push('main');
    await Promise.all([hosted.ingest().ingest(id), hosted.ingest().ingest(id), hosted.ingest().ingest(id)]);
    expect(await runsOf(db, id)).toEqual([`main ${sha}`]);
  });
});
