import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPipelineAt } from '../../build/pipelines/read-pipeline.js';
import type { Database } from '../../platform/database.js';
import { runGit } from '../../platform/git.js';
import { newId } from '../../platform/ids.js';
import { testDatabase } from '../../testing/database.js';
import { makeSample, type SampleDeps } from './make-sample.js';
import { hosting, runsOf } from './testing/hosted.js';

const exampleDir = fileURLToPath(new URL('../../../../examples/hello-npm', import.meta.url));

let db: Database & { close(): Promise<void> };
let hosted: Awaited<ReturnType<typeof hosting>>;
let deps: SampleDeps;

beforeEach(async () => {
  db = await testDatabase();
  hosted = await hosting({ db, readPipeline: readPipelineAt });
  const ownerId = newId();
  await db.query(`insert into users (id, name, email) values ($1, 'Admin', 'admin@example.test')`, [ownerId]);
  deps = { db, store: hosted.store, pushes: hosted.ingest(), exampleDir, ownerId };
});
afterEach(async () => {
  await hosted.remove();
  await db.close();
});

const sampleId = async () =>
  (
    await db.query<{ id: string }>(
      `select r.id from repositories r join projects p on p.id = r.project_id where p.name = 'sample' and r.name = 'hello'`,
    )
  )[0]?.id ?? '';

describe('the sample', () => {
  it('is a pushed repository whose first run starts, with the pipeline that the example has', async () => {
    await makeSample(deps);
    const id = await sampleId();
    expect(await runsOf(db, id)).toHaveLength(1);
    const [branch] = await db.query<{ sha: string }>('select head_sha as sha from branches where repository_id = $1', [id]);
    const { pipeline } = await readPipelineAt(hosted.store.folder(id), branch?.sha ?? '');
    expect(pipeline?.jobs.map((job) => job.name)).toEqual(['build', 'unit', 'development']);
    const files = await runGit(['ls-tree', '-r', '--name-only', 'main'], { gitDir: hosted.store.folder(id) });
    expect(files.split('\n')).toEqual(expect.arrayContaining(['.gitignore', '.slipway.yml', 'package.json', 'src/server.js']));
    expect(files).not.toMatch(/dist\/|^gitignore$/m);
  });

  it('is made once, and not again after it was changed', async () => {
    await makeSample(deps);
    await makeSample(deps);
    expect(await runsOf(db, await sampleId())).toHaveLength(1);
    await db.query('delete from projects');
    await makeSample(deps);
    expect(await sampleId()).toBe('');
  });

  it('is finished by the next start, wherever the first one died', async () => {
    const dead = () => Promise.reject(new Error('killed'));
    await expect(makeSample({ ...deps, exampleDir: '/nowhere' })).rejects.toThrow();
    await expect(makeSample({ ...deps, pushes: { ingest: dead } })).rejects.toThrow('killed');
    await makeSample(deps);
    expect(await runsOf(db, await sampleId())).toHaveLength(1);
  });

  it('leaves an installation with projects alone', async () => {
    await db.query(`insert into projects (id, name, owner_id) values ($1, 'mine', $2)`, [newId(), deps.ownerId]);
    await makeSample(deps);
    expect(await sampleId()).toBe('');
  });
});
