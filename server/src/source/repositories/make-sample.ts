import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProjectIn } from '../../people/projects/create-project.js';
import type { Database } from '../../platform/database.js';
import { runGit } from '../../platform/git.js';
import { newId } from '../../platform/ids.js';
import { jsonb } from '../../platform/storable.js';
import type { PushIngest } from './pushes/ingest-pushes.js';
import type { RepositoryStore } from './repository-store.js';

export type SampleDeps = {
  db: Database;
  store: RepositoryStore;
  pushes: Pick<PushIngest, 'ingest'>;
  /** Folder of the application that becomes the repository. */
  exampleDir: string;
  /** User who owns the sample. */
  ownerId: string;
};

const PROJECT = 'sample';
const REPOSITORY = 'hello';
const BRANCH = 'main';

/** `at` fixes the commit's time, and so its name: made again after a death, it is the same commit. */
type Sample = { state: 'making' | 'made'; repositoryId: string; at: string };

/**
 * An empty installation gets a project with one small application, pushed like anybody's push, so that its first run starts.
 * Each step may be repeated; once made, or where there are projects already, nothing happens.
 */
export async function makeSample(deps: SampleDeps): Promise<void> {
  const sample = await reserve(deps);
  if (sample?.state !== 'making') return;
  await deps.store.init(sample.repositoryId);
  await pushFirstCommit(deps, sample);
  await deps.pushes.ingest(sample.repositoryId);
  await deps.db.query(`update settings set value = $1 where name = 'sample'`, [jsonb({ ...sample, state: 'made' } satisfies Sample)]);
}

async function reserve({ db, ownerId }: SampleDeps): Promise<Sample | null> {
  return db.transaction(async (tx) => {
    await tx.query('lock table settings in share row exclusive mode');
    const [row] = await tx.query<{ value: Sample }>(`select value from settings where name = 'sample'`);
    if (row) return row.value;
    const [any] = await tx.query('select 1 as one from projects limit 1');
    if (any) return null;
    const sample: Sample = { state: 'making', repositoryId: newId(), at: new Date().toISOString() };
    const projectId = await createProjectIn(tx, { name: PROJECT, ownerId });
    await tx.query('insert into repositories (id, project_id, name) values ($1, $2, $3)', [sample.repositoryId, projectId, REPOSITORY]);
    await tx.query(`insert into settings (name, value) values ('sample', $1)`, [jsonb(sample)]);
    return sample;
  });
}

async function pushFirstCommit({ store, exampleDir, ownerId }: SampleDeps, { repositoryId, at }: Sample): Promise<void> {
  const gitDir = store.folder(repositoryId);
  const there = await runGit(['for-each-ref', `refs/heads/${BRANCH}`], { gitDir });
  if (there !== '') return;
  const commit = await commitFolder(gitDir, exampleDir, at);
  await runGit(['update-ref', `refs/heads/${BRANCH}`, commit, '0'.repeat(commit.length)], { gitDir, ...store.writing(ownerId) });
}

async function commitFolder(gitDir: string, folder: string, at: string): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-sample-'));
  try {
    const files = join(scratch, 'files');
    await cp(folder, files, { recursive: true });
    // npm leaves every .gitignore out of a package, so the example has it under another name.
    await rename(join(files, 'gitignore'), join(files, '.gitignore'));
    const env = { GIT_INDEX_FILE: join(scratch, 'index'), ...identity(at) };
    await runGit([`--work-tree=${files}`, '-c', 'core.bare=false', 'add', '--all', '--', '.'], { gitDir, cwd: files, env });
    const tree = (await runGit(['write-tree'], { gitDir, env })).trim();
    return (await runGit(['commit-tree', tree, '-m', FIRST_MESSAGE], { gitDir, env })).trim();
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const FIRST_MESSAGE = 'Say hello\n\nA small application to try Slipway with: change src/page.js, commit and push.';

function identity(at: string): Record<string, string> {
  const [name, email] = ['Slipway', 'slipway@localhost'];
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: at,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: at,
  };
}
