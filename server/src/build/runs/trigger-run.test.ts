import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Database } from '../../platform/database.js';
import { pipelineForBranchWith } from '../../source/repositories/branch-pipeline.js';
import { hosting } from '../../source/repositories/testing/hosted.js';
import { pushInto } from '../../source/repositories/testing/push.js';
import { WorkTree } from '../../source/repositories/testing/work-tree.js';
import { aRepository, noDeployments } from '../../testing/builders.js';
import { testDatabase } from '../../testing/database.js';
import { readPipelineAt } from '../pipelines/read-pipeline.js';
import { createStartRun } from './start-run.js';
import { triggerRun } from './trigger-run.js';

const PIPELINE = `on: { push: { branches: none }, manual: }
jobs:
  build: { steps: [{ run: make }] }
  docs: { on: { push: { paths: docs/** } }, steps: [{ run: make }] }
`;

let db: Database & { close(): Promise<void> };
let hosted: Awaited<ReturnType<typeof hosting>>;
let tree: WorkTree;
let at: Awaited<ReturnType<typeof aRepository>>;

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  hosted = await hosting({ db, readPipeline: readPipelineAt });
  tree = await WorkTree.make();
  at = await aRepository(db);
  await hosted.store.init(at.repositoryId);
});
afterEach(async () => {
  await hosted.remove();
  await tree[Symbol.asyncDispose]();
});

async function pushed(...refs: string[]): Promise<void> {
  await pushInto({ store: hosted.store, gitDir: hosted.store.folder(at.repositoryId) }, tree, ...refs);
  await hosted.ingest().ingest(at.repositoryId);
}

async function trigger(name: string | null) {
  const startRun = createStartRun(() => noDeployments);
  const pipelineForBranch = pipelineForBranchWith({ db, store: hosted.store, readPipeline: readPipelineAt });
  const id = await triggerRun({ database: db, startRun, pipelineForBranch }, at.repositoryId, name, at.userId);
  const [run] = await db.query('select ref, branch, commit_sha as sha from runs where id = $1', [id]);
  return { run, jobs: await db.query('select name, state from jobs where run_id = $1 order by position', [id]) };
}

it('runs a branch or a tag with all of its jobs, whatever filters say', async () => {
  const tagged = await tree.commit('tagged', { '.slipway.yml': PIPELINE });
  await tree.git('tag', '--annotate', '-m', 'x', 'v1');
  const head = await tree.commit('head');
  await pushed('main', 'v1');
  expect(await trigger(null)).toEqual({
    run: { ref: 'refs/heads/main', branch: 'main', sha: head },
    jobs: [
      { name: 'build', state: 'queued' },
      { name: 'docs', state: 'queued' },
    ],
  });
  expect((await trigger('v1')).run).toEqual({ ref: 'refs/tags/v1', branch: 'v1', sha: tagged });
});

it('takes a branch before a tag of its name, unless the whole ref is given', async () => {
  const tagged = await tree.commit('tagged', { '.slipway.yml': PIPELINE });
  await tree.git('tag', 'same');
  const head = await tree.commit('head');
  await tree.git('branch', 'same');
  await pushed('main', 'refs/tags/same', 'refs/heads/same');
  expect((await trigger('same')).run).toMatchObject({ ref: 'refs/heads/same', sha: head });
  expect((await trigger('refs/tags/same')).run).toMatchObject({ ref: 'refs/tags/same', sha: tagged });
  expect((await trigger('refs/heads/same')).run).toMatchObject({ ref: 'refs/heads/same', sha: head });
});

it('says what to do when there is no such branch or tag, or nothing at all', async () => {
  await expect(trigger(null)).rejects.toMatchObject({ code: 'repository_empty' });
  await tree.commit('head', { '.slipway.yml': PIPELINE });
  await pushed('main');
  for (const name of ['gone', 'refs/tags/main', '']) await expect(trigger(name)).rejects.toMatchObject({ code: 'branch_not_found' });
});
