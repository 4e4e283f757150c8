import { newId } from '../../../platform/ids.js';
import { decidePush, type PushDecision, type PushedRepository, unreadable } from './decide-push.js';
import { KnownHeads } from './known-heads.js';
import { insertPushes, isGone, lockJournal, moveJournal, moveRefs, type NoRunReason, type RefState, USUAL_BRANCHES } from './push-rows.js';
import { branchOf, type RefUpdate } from './receive-journal.js';
import { type RecordPushDeps, runOf, storeCommits } from './record-push.js';

/** Refs that become rows in one transaction. */
const CHUNK = 1_000;

const THERE_BEFORE: NoRunReason = { code: 'import', message: 'It already existed when the repository was added.' };
const GONE: NoRunReason = { code: 'deleted', message: 'It was deleted.' };

/** Of a repository that is added: the one ref of which a run is started, if its pipeline wants that. */
type Main = { update: RefUpdate; decision: PushDecision };

/**
 * Refs that were there when a repository was added become rows many at a time, in the journal's order. Each chunk moves the place in the
 * journal along, so that a death in between loses and doubles nothing.
 */
export async function importRefs(deps: RecordPushDeps, repository: PushedRepository, updates: readonly RefUpdate[]): Promise<void> {
  const heads = await KnownHeads.read(deps.db, repository.id);
  const commitOf = await storeCommits(deps, repository, updates, heads);
  const main = await mainOf(deps, repository, updates);
  for (let at = 0; at < updates.length; at += CHUNK) await importChunk(deps, repository, updates.slice(at, at + CHUNK), commitOf, main);
}

async function importChunk(
  deps: RecordPushDeps,
  repository: PushedRepository,
  chunk: readonly RefUpdate[],
  commitOf: (sha: string) => string | null,
  main: Main | null,
): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const done = await lockJournal(tx, repository.id);
    const updates = done === undefined ? [] : chunk.filter((update) => update.offset >= done);
    const last = updates.at(-1);
    if (!last) return;
    const pushes = updates.map((update) => ({ ...update, id: newId(), commits: 0, forced: false, noRun: noRunOf(update, main) }));
    await insertPushes(tx, repository.id, pushes);
    await moveRefs(tx, repository.id, lastOfEach(updates, commitOf));
    await moveJournal(tx, repository.id, last.end);
    const push = main && pushes.find((candidate) => candidate.offset === main.update.offset);
    if (push && 'plan' in main.decision) await deps.startRun(tx, runOf(repository, push, push.newSha, push.id, main.decision));
    tx.changed('repository', repository.id);
    tx.changed('project', repository.projectId);
  });
}

function noRunOf(update: RefUpdate, main: Main | null): NoRunReason | null {
  if (main && update.offset === main.update.offset) return 'noRun' in main.decision ? main.decision.noRun : null;
  return isGone(update) ? GONE : THERE_BEFORE;
}

function lastOfEach(updates: readonly RefUpdate[], commitOf: (sha: string) => string | null): RefState[] {
  const states = new Map(updates.map(({ ref, newSha, at }) => [ref, { ref, commit: commitOf(newSha), at }]));
  return [...states.values()];
}

/** The default branch as the host named it, else the one that is to become it. */
async function mainOf(deps: RecordPushDeps, repository: PushedRepository, updates: readonly RefUpdate[]): Promise<Main | null> {
  const [row] = await deps.db.query<{ branch: string | null }>('select default_branch as branch from repositories where id = $1', [
    repository.id,
  ]);
  const heads = new Map(updates.filter((update) => !isGone(update)).map((update) => [branchOf(update.ref), update]));
  heads.delete(null);
  const branch = row?.branch ?? USUAL_BRANCHES.find((name) => heads.has(name)) ?? heads.keys().next().value;
  const update = heads.get(branch ?? null);
  if (!update || !branch) return null;
  const decision = await decidePush(deps, repository, update, update.newSha);
  // If nobody has prepared the repository for Slipway, its import is not an error.
  const run = 'plan' in decision && !decision.plan.pipeline ? unreadable(decision.plan) : decision;
  return { update, decision: run };
}
