import type { Database, Tx } from '../../../platform/database.js';
import { runGit } from '../../../platform/git.js';
import { newId } from '../../../platform/ids.js';
import { decideRun } from '../../pipelines/decide-run.js';
import type { CompiledPipeline, PipelineProblem } from '../../pipelines/pipeline.js';
import type { StartRun } from '../../runs/ports.js';
import { storeNewCommits } from '../commits/commit-store.js';
import { branchOf, isZero, type RefUpdate } from './receive-journal.js';

export type ReadPipeline = (gitDir: string, sha: string) => Promise<{ pipeline: CompiledPipeline | null; problems: PipelineProblem[] }>;

export type RecordPushDeps = { db: Database; startRun: StartRun; readPipeline: ReadPipeline };

export type PushedRepository = { id: string; projectId: string; gitDir: string };

/** Heads whose history is left out when looking for new commits; more of them only save reading. */
const MAX_KNOWN_HEADS = 1_000;

/**
 * One ref update that has happened becomes rows: the push, its commits, the branch, and exactly one run. All but the commits are one
 * transaction, which also moves the repository's place in the journal: asked again for the same update, it does nothing.
 */
export async function recordPush(deps: RecordPushDeps, repository: PushedRepository, update: RefUpdate): Promise<void> {
  const branch = branchOf(update.ref);
  const gone = isZero(update.newSha);
  const read = branch !== null && !gone ? await readPush(deps, repository, update) : { commits: 0, plan: null };
  await deps.db.transaction(async (tx) => {
    if (!(await isNext(tx, repository.id, update))) return;
    const pushId = await insertPush(tx, repository.id, update, read.commits);
    if (branch !== null && gone) await deleteBranch(tx, repository.id, branch);
    if (branch !== null && !gone) await moveBranch(tx, repository.id, branch, update);
    await tx.query('update repositories set journal_offset = $2 where id = $1', [repository.id, update.end]);
    if (
      branch !== null &&
      read.plan &&
      (!read.plan.pipeline || decideRun(read.plan.pipeline, { kind: 'push', ref: update.ref, message: '', changedPaths: null }).start)
    ) {
      await deps.startRun(tx, {
        projectId: repository.projectId,
        repositoryId: repository.id,
        branch,
        commitSha: update.newSha,
        trigger: 'push',
        triggeredBy: update.pusher,
        pushId,
        ...read.plan,
      });
    }
    tx.changed('repository', repository.id);
    tx.changed('project', repository.projectId);
  });
}

async function readPush({ db, readPipeline }: RecordPushDeps, { id, gitDir }: PushedRepository, { oldSha, newSha }: RefUpdate) {
  const heads = await db.query<{ sha: string }>(
    'select distinct head_sha as sha, max(updated_at) from branches where repository_id = $1 group by 1 order by 2 desc limit $2',
    [id, MAX_KNOWN_HEADS],
  );
  const stored = await storeNewCommits(
    db,
    id,
    gitDir,
    newSha,
    heads.map((head) => head.sha),
  );
  const commits = isZero(oldSha) ? stored : await countCommits(gitDir, oldSha, newSha);
  return { commits, plan: await readPipeline(gitDir, newSha) };
}

async function countCommits(gitDir: string, oldSha: string, newSha: string): Promise<number> {
  return Number(await runGit(['rev-list', '--count', newSha, `^${oldSha}`], { gitDir }));
}

/** Locks the repository's row: pushes become rows one after the other, in the journal's order. */
async function isNext(tx: Tx, repositoryId: string, update: RefUpdate): Promise<boolean> {
  const [row] = await tx.query<{ offset: string }>('select journal_offset as offset from repositories where id = $1 for update', [
    repositoryId,
  ]);
  return row !== undefined && Number(row.offset) <= update.offset;
}

async function insertPush(tx: Tx, repositoryId: string, update: RefUpdate, commits: number): Promise<string> {
  const id = newId();
  await tx.query(
    `insert into pushes (id, repository_id, journal_offset, ref, old_sha, new_sha, commits, pushed_by, pushed_at, cause)
     values ($1, $2, $3, $4, $5, $6, $7, (select id from users where id = $8), $9, $10)`,
    [
      id,
      repositoryId,
      update.offset,
      update.ref,
      update.oldSha,
      update.newSha,
      commits,
      update.pusher,
      update.at.toISOString(),
      update.cause,
    ],
  );
  return id;
}

async function deleteBranch(tx: Tx, repositoryId: string, branch: string): Promise<void> {
  await tx.query('delete from branches where repository_id = $1 and name = $2', [repositoryId, branch]);
}

/** The first branch ever pushed becomes the default one, whatever its name. */
async function moveBranch(tx: Tx, repositoryId: string, branch: string, { newSha, at }: RefUpdate): Promise<void> {
  await tx.query(
    `insert into branches (id, repository_id, name, head_sha, updated_at) values ($1, $2, $3, $4, $5)
     on conflict (repository_id, name) do update set head_sha = excluded.head_sha, updated_at = excluded.updated_at`,
    [newId(), repositoryId, branch, newSha, at.toISOString()],
  );
  await tx.query('update repositories set default_branch = $2 where id = $1 and default_branch is null', [repositoryId, branch]);
}
