import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readPipelineAt } from '../../../build/pipelines/read-pipeline.js';
import { createStartRun } from '../../../build/runs/start-run.js';
import type { Database } from '../../../platform/database.js';
import { runGit } from '../../../platform/git.js';
import { aRepository, noDeployments } from '../../../testing/builders.js';
import { testDatabase } from '../../../testing/database.js';
import { hosting } from '../testing/hosted.js';
import { pushInto } from '../testing/push.js';
import { WorkTree } from '../testing/work-tree.js';
import { lockJournal } from './push-rows.js';

const PIPELINE = (on: string, jobOn = '') =>
  `on: ${on}\njobs:\n  build: { steps: [{ run: make }] }\n  unit: { kind: test, needs: build, steps: [{ run: make }]${jobOn} }\n`;

let db: Database & { close(): Promise<void> };
let hosted: Awaited<ReturnType<typeof hosting>>;
let tree: WorkTree;
let id: string;
let gitDir: string;

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  hosted = await hosting({ db, readPipeline: readPipelineAt });
  tree = await WorkTree.make();
  ({ repositoryId: id } = await aRepository(db));
  await hosted.store.init(id);
  gitDir = hosted.store.folder(id);
});
afterEach(async () => {
  await hosted.remove();
  await tree[Symbol.asyncDispose]();
});

const startRun = createStartRun(() => noDeployments);
const ingest = () => hosted.ingest(startRun).ingest(id);

async function pushed(...refs: string[]): Promise<void> {
  await pushInto({ store: hosted.store, gitDir }, tree, ...refs);
  await ingest();
}

type Shown = {
  ref: string;
  cause: string;
  forced: boolean;
  commits: number;
  code: string | null;
  message: string | null;
  run: string | null;
};
/** Pushes in order, each with the ref of its run or why there is none. */
const pushes = () =>
  db.query<Shown>(
    `select p.ref, cause, forced, commits, no_run_code as code, no_run_message as message, u.ref as run
     from pushes p left join runs u on u.push_id = p.id where p.repository_id = $1 order by journal_offset`,
    [id],
  );
const lastPush = async () => (await pushes()).at(-1);
const answers = async () => (await pushes()).map((push) => `${push.ref} ${push.run ? 'run' : push.code}`);
const tags = () => db.query('select name, sha from tags where repository_id = $1 order by name', [id]);
const jobs = () =>
  db.query('select name, state, reason, message from jobs where run_id = (select id from runs order by id desc limit 1) order by position');

describe('a push says what it was and why it started a run or not', () => {
  it('forced or not, counted against what was there before', async () => {
    const base = await tree.commit('base', { '.slipway.yml': PIPELINE('push') });
    await pushed('main');
    await tree.commit('one');
    await tree.commit('two');
    await pushed('main');
    await tree.git('reset', '--quiet', '--hard', base);
    await tree.commit('other');
    await pushed('+main');
    await tree.git('reset', '--quiet', '--hard', base);
    await pushed('+main');
    expect((await pushes()).map(({ forced, commits, run }) => ({ forced, commits, run }))).toEqual([
      { forced: false, commits: 1, run: 'refs/heads/main' },
      { forced: false, commits: 2, run: 'refs/heads/main' },
      { forced: true, commits: 1, run: 'refs/heads/main' },
      { forced: true, commits: 0, run: 'refs/heads/main' },
    ]);
  });

  it('skipped by a mark of the newest commit alone, also when the pipeline is broken', async () => {
    await tree.commit('start [skip ci]', { '.slipway.yml': PIPELINE('push') });
    await tree.commit('more');
    await pushed('main');
    await tree.commit('docs\n\nskip-checks: true', { '.slipway.yml': ':' });
    await pushed('main');
    expect(await answers()).toEqual(['refs/heads/main run', 'refs/heads/main skip_mark']);
    expect((await lastPush())?.message).toBe('The message of the commit says "skip-checks: true".');
  });

  it('left out by a filter of branches, of paths, or as no job is needed', async () => {
    await tree.commit('start', { '.slipway.yml': PIPELINE(`{ push: { branches: ['main', 'f/**'], paths: ['src*', '.slipway.yml'] } }`) });
    await pushed('main');
    await tree.commit('docs', { 'README.md': 'x' });
    await pushed('main', 'main:wip');
    await tree.commit('code', { 'src größe.ts': 'x' });
    await pushed('main');
    expect(await answers()).toEqual([
      'refs/heads/main run',
      'refs/heads/main path_filter',
      'refs/heads/wip branch_filter',
      'refs/heads/main run',
    ]);
  });

  it('with the jobs that it needs, and the others skipped with the reason', async () => {
    await tree.commit('start', { '.slipway.yml': PIPELINE('push', ", on: { push: { paths: ['test*'] } }") });
    await pushed('main');
    await tree.commit('docs', { 'README.md': 'x' });
    await pushed('main');
    expect(await jobs()).toEqual([
      { name: 'build', state: 'queued', reason: null, message: null },
      { name: 'unit', state: 'skipped', reason: 'filtered', message: 'No changed file matches "paths" (test*).' },
    ]);
  });

  it('compares a new branch with where it left the default one, and a forced push with what it replaced', async () => {
    await tree.commit('start', { '.slipway.yml': PIPELINE(`{ push: { paths: ['src*'] } }`), 'src.ts': '1' });
    await pushed('main');
    await tree.git('checkout', '--quiet', '-b', 'docs');
    const docs = await tree.commit('docs', { 'README.md': 'x' });
    await tree.git('checkout', '--quiet', 'main');
    await tree.commit('code', { 'src.ts': '2' });
    await pushed('main');
    await pushed('docs');
    expect((await lastPush())?.code).toBe('path_filter');
    await pushed('main:copy');
    expect((await lastPush())?.code).toBe('path_filter');
    await pushed(`+${docs}:copy`);
    expect(await lastPush()).toMatchObject({ forced: true, run: 'refs/heads/copy' });
  });

  it('shows a broken pipeline of a branch, and starts nothing for that of a tag', async () => {
    await tree.commit('start', { '.slipway.yml': 'jobs: 1' });
    await tree.git('tag', 'v1');
    await pushed('main', 'v1');
    expect(await answers()).toEqual(['refs/heads/main run', 'refs/tags/v1 pipeline_unreadable']);
    expect(await db.query('select state from runs where repository_id = $1', [id])).toEqual([{ state: 'invalid' }]);
  });
});

describe('branches and tags', () => {
  it('runs tags that the pipeline names, light or annotated, at their commit', async () => {
    const first = await tree.commit('start', { '.slipway.yml': PIPELINE('{ push: { tags: ["v*"] } }') });
    await tree.git('tag', 'v1');
    await tree.git('tag', '--annotate', '-m', 'Two', 'v2-größe');
    await tree.git('tag', 'nightly');
    await pushed('main', 'v1', 'v2-größe', 'nightly');
    expect((await answers()).sort()).toEqual([
      'refs/heads/main branch_filter',
      'refs/tags/nightly tag_filter',
      'refs/tags/v1 run',
      'refs/tags/v2-größe run',
    ]);
    expect(await tags()).toEqual(['nightly', 'v1', 'v2-größe'].map((name) => ({ name, sha: first })));
    expect(await db.query('select branch, ref, commit_sha as sha from runs where repository_id = $1 order by branch', [id])).toEqual([
      { branch: 'v1', ref: 'refs/tags/v1', sha: first },
      { branch: 'v2-größe', ref: 'refs/tags/v2-größe', sha: first },
    ]);
  });

  it('stores the commits of a tag that no branch has, follows it when it is moved, and forgets it when it is deleted', async () => {
    await tree.commit('start', { '.slipway.yml': PIPELINE('push') });
    await pushed('main');
    const aside = await tree.commit('aside');
    await tree.git('tag', '--annotate', '-m', 'x', 'v1');
    await tree.git('reset', '--quiet', '--hard', 'HEAD~1');
    await pushed('v1');
    expect(await tags()).toEqual([{ name: 'v1', sha: aside }]);
    expect(await lastPush()).toMatchObject({ forced: false, commits: 1, run: 'refs/tags/v1' });
    await tree.git('tag', '--force', 'v1', 'main');
    await pushed('+v1');
    expect(await lastPush()).toMatchObject({ forced: true, commits: 0, run: 'refs/tags/v1' });
    await pushed(':v1');
    expect(await tags()).toEqual([]);
    expect(await lastPush()).toMatchObject({ code: 'deleted', message: 'The tag was deleted.' });
    expect(await db.query('select message from commits where repository_id = $1 and sha = $2', [id, aside])).toEqual([
      { message: 'aside' },
    ]);
  });

  it('lets a tag name a file, and runs nothing for it', async () => {
    await tree.commit('start', { '.slipway.yml': PIPELINE('push') });
    await pushed('main');
    await tree.git('tag', 'file', 'HEAD:.slipway.yml');
    await tree.git('tag', '--annotate', '-m', 'x', 'folder', 'HEAD^{tree}');
    await pushed('file', 'folder');
    expect((await answers()).slice(1).sort()).toEqual(['refs/tags/file not_a_commit', 'refs/tags/folder not_a_commit']);
    expect(await tags()).toEqual([]);
  });

  it('starts no run by tags unless they are asked for', async () => {
    await tree.commit('start', { 'package.json': '{}' });
    await tree.git('tag', 'v1');
    await pushed('main', 'v1');
    expect(await answers()).toEqual(['refs/heads/main run', 'refs/tags/v1 tag_filter']);
  });

  it('runs a new branch without commits of its own, like any push', async () => {
    await tree.commit('start', { '.slipway.yml': PIPELINE('push') });
    await pushed('main', 'main:copy');
    expect(await pushes()).toMatchObject([
      { commits: 1, run: 'refs/heads/main' },
      { commits: 0, run: 'refs/heads/copy' },
    ]);
  });

  it('follows a branch that becomes a folder of branches, and back', async () => {
    await tree.commit('start', { '.slipway.yml': PIPELINE('push') });
    await pushed('main', 'main:feature');
    await pushed(':feature');
    await pushed('main:feature/日本');
    const names = async () =>
      (await db.query<{ name: string }>('select name from branches where repository_id = $1 order by name', [id])).map((row) => row.name);
    expect(await names()).toEqual(['feature/日本', 'main']);
    await pushed(':feature/日本');
    await pushed('main:feature');
    expect(await names()).toEqual(['feature', 'main']);
    expect((await pushes())[2]).toMatchObject({ code: 'deleted', message: 'The branch was deleted.' });
  });
});

describe('many refs at once', () => {
  it('of an ordinary push cost what they cost one by one', { timeout: 60_000 }, async () => {
    await tree.commit('start', { '.slipway.yml': PIPELINE('{ push: { branches: main } }') });
    const commits = Array.from({ length: 60 }, (_, n) => `b${n}`);
    for (const name of commits.slice(0, 3)) {
      await tree.git('checkout', '--quiet', '-b', name, 'main');
      await tree.commit(name);
    }
    for (const name of commits.slice(3)) await tree.git('branch', name, 'b0');
    await pushed('main', ...commits);
    const rows = await pushes();
    expect(rows.map((push) => push.commits)).toEqual([1, 1, 1, 1, ...commits.slice(3).map(() => 0)]);
    expect(rows.filter((push) => push.code === 'branch_filter')).toHaveLength(60);
  });

  async function manyBranches(count: number): Promise<void> {
    await tree.commit('start', { '.slipway.yml': PIPELINE('push') });
    const start = (await tree.git('rev-parse', 'HEAD')).trim();
    const commits = Array.from(
      { length: count },
      (_, n) =>
        `commit refs/heads/b/${n}\ncommitter Ada <ada@example.test> ${1_800_000_000 + n} +0000\ndata <<E\nbranch ${n}\nE\nfrom ${start}\n`,
    );
    await runGit(['fast-import', '--quiet'], { cwd: tree.folder, input: `${commits.join('')}done\n`, timeoutMs: 120_000 });
    await tree.git('tag', '--annotate', '-m', 'x', 'v1', 'b/1');
  }
  const importAll = () =>
    runGit(['fetch', '--quiet', '--atomic', '--prune', tree.folder, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'], {
      gitDir,
      ...hosted.store.fetching('import'),
      timeoutMs: 300_000,
    });
  const counts = async () =>
    (
      await db.query(
        `select (select count(*)::int from branches where repository_id = $1) as branches, (select count(*)::int from tags where repository_id = $1) as tags,
           (select count(*)::int from commits where repository_id = $1) as commits, (select count(*)::int from pushes where repository_id = $1) as pushes,
           (select count(*)::int from runs where repository_id = $1) as runs`,
        [id],
      )
    )[0];

  it('imported, are rows with one run, of the default branch, whoever dies in between', async () => {
    await manyBranches(2_000);
    await importAll();
    let calls = 0;
    const dying = hosted.ingest(() => {
      calls++;
      throw new Error('killed');
    });
    await expect(dying.ingest(id)).rejects.toThrow('killed');
    expect(calls).toBe(1);
    await Promise.all([ingest(), hosted.ingest(startRun).ingest(id)]);
    await ingest();
    expect(await counts()).toEqual({ branches: 2_001, tags: 1, commits: 2_001, pushes: 2_002, runs: 1 });
    expect(
      await db.query('select branch, default_branch as main from runs u join repositories r on r.id = u.repository_id where r.id = $1', [
        id,
      ]),
    ).toEqual([{ branch: 'main', main: 'main' }]);
    const codes = await db.query(
      'select cause, no_run_code as code, count(*)::int as n from pushes where repository_id = $1 group by 1, 2 order by 3',
      [id],
    );
    expect(codes).toEqual([
      { cause: 'import', code: null, n: 1 },
      { cause: 'import', code: 'import', n: 2_001 },
    ]);
    expect(await tags()).toEqual([{ name: 'v1', sha: (await tree.git('rev-parse', 'b/1')).trim() }]);
  }, 60_000);

  it('whose end nobody saw are settled at once', async () => {
    await manyBranches(300);
    await importAll();
    const journal = join(gitDir, 'slipway-journal');
    await writeFile(journal, (await readFile(journal, 'utf8')).replace(/\nC .*\n/g, ''));
    await runGit(['update-ref', '-d', 'refs/heads/b/7'], { gitDir });
    await ingest();
    expect(await counts()).toMatchObject({ branches: 300, tags: 1, runs: 1 });
  });

  it('imported from a repository without a pipeline, start nothing', async () => {
    await tree.commit('start', { 'README.md': 'x' });
    await tree.git('branch', 'trunk');
    await db.query(`update repositories set default_branch = 'trunk' where id = $1`, [id]);
    await importAll();
    await ingest();
    expect(await answers()).toEqual(['refs/heads/main import', 'refs/heads/trunk pipeline_unreadable']);
  });

  it('fetched later, start runs like pushes', async () => {
    await tree.commit('start', { '.slipway.yml': PIPELINE('push') });
    await importAll();
    await tree.commit('more');
    await runGit(['fetch', '--quiet', '--atomic', '--prune', tree.folder, '+refs/heads/*:refs/heads/*'], {
      gitDir,
      ...hosted.store.fetching('fetch'),
    });
    await ingest();
    expect(await pushes()).toMatchObject([
      { cause: 'import', run: 'refs/heads/main' },
      { cause: 'fetch', commits: 1, run: 'refs/heads/main' },
    ]);
  });
});

it('while pushes become rows, others may add what belongs to the repository: a webhook does not wait for an import', async () => {
  await db.transaction(async (tx) => {
    await lockJournal(tx, id);
    await db.transaction(async (other) => {
      await other.query(`set local lock_timeout = '1s'`);
      await other.query(`insert into tags (id, repository_id, name, sha) values (gen_random_uuid(), $1, 'v1', 'x')`, [id]);
    });
  });
  expect(await db.query('select name from tags where repository_id = $1', [id])).toEqual([{ name: 'v1' }]);
});
