import type { Tx } from '../../../platform/database.js';
import { notFound } from '../../../platform/errors.js';
import { runGit } from '../../../platform/git.js';
import { newId } from '../../../platform/ids.js';
import type { RepositoryStore } from '../repository-store.js';
import { decidePush } from './decide-push.js';
import { KnownHeads } from './known-heads.js';
import { insertPushes, isGone, lockJournal, SET_ASIDE } from './push-rows.js';
import type { RefUpdate } from './receive-journal.js';
import { factsOf, moveRef, type RecordPushDeps, runOf, storeCommits } from './record-push.js';
import type { PushLetter } from './take-pushes.js';

export type RetryPushDeps = RecordPushDeps & { store: RepositoryStore };

/** Takes a push that was set aside. Its branch moves only where it still stands at what was pushed: later pushes count. */
export async function retryPush(deps: RetryPushDeps, tx: Tx, repositoryId: string, { update: stored }: PushLetter): Promise<void> {
  const update: RefUpdate = { ...stored, at: new Date(stored.at) };
  const [row] = await tx.query<{ projectId: string }>('select project_id as "projectId" from repositories where id = $1', [repositoryId]);
  if (!row) throw notFound('repository', repositoryId);
  const repository = { id: repositoryId, projectId: row.projectId, gitDir: deps.store.folder(repositoryId) };
  const heads = await KnownHeads.read(deps.db, repositoryId);
  const { commit, ...facts } = await factsOf(repository.gitDir, update, await storeCommits(deps, repository, [update], heads), heads);
  const decision = await decidePush(deps, repository, update, commit);
  await lockJournal(tx, repositoryId);
  await tx.query('delete from pushes where repository_id = $1 and journal_offset = $2 and ref = $3 and no_run_code = $4', [
    repositoryId,
    update.offset,
    update.ref,
    SET_ASIDE.code,
  ]);
  const id = newId();
  await insertPushes(tx, repositoryId, [{ ...update, ...facts, id, noRun: 'noRun' in decision ? decision.noRun : null }]);
  if (await stillStands(repository.gitDir, update)) await moveRef(tx, repository, update, commit);
  if ('plan' in decision && commit !== null) await deps.startRun(tx, runOf(repository, update, commit, id, decision));
  tx.changed('repository', repositoryId);
  tx.changed('project', row.projectId);
}

async function stillStands(gitDir: string, update: RefUpdate): Promise<boolean> {
  const now = (await runGit(['for-each-ref', '--format=%(objectname)', '--', update.ref], { gitDir })).trim();
  return isGone(update) ? now === '' : now === update.newSha;
}
