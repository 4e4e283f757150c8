import type { StartRun } from '../../../build/runs/ports.js';
import type { Tx } from '../../../platform/database.js';
import { runGit } from '../../../platform/git.js';
import { newId } from '../../../platform/ids.js';
import { storeNewCommits } from '../commits/commit-store.js';
import { commitsBehind } from '../commits/peel.js';
import { type DecidePushDeps, decidePush, type PushDecision, type PushedRepository } from './decide-push.js';
import { KnownHeads } from './known-heads.js';
import { insertPushes, isGone, lockJournal, moveJournal, moveRefs } from './push-rows.js';
import { branchOf, isZero, type RefUpdate, tagOf } from './receive-journal.js';

export type RecordPushDeps = DecidePushDeps & { startRun: StartRun };

/** What git knows of an update. `commit`: what the ref names now; null: it is gone, or no commit. */
type Facts = { commit: string | null; commits: number; forced: boolean };

/**
 * Updates that have happened, in the journal's order, become rows one after the other. What can be read for all of them is read at once,
 * so that a thousand branches cost no more than a thousand times one.
 */
export async function recordPushes(deps: RecordPushDeps, repository: PushedRepository, updates: readonly RefUpdate[]): Promise<void> {
  const heads = await KnownHeads.read(deps.db, repository.id);
  const commitOf = await storeCommits(deps, repository, updates, heads);
  for (const update of updates) {
    const facts = await factsOf(repository.gitDir, update, commitOf, heads);
    await recordPush(deps, repository, update, facts, await decidePush(deps, repository, update, facts.commit));
    if (branchOf(update.ref) !== null) heads.move(update.ref, facts.commit);
  }
}

/** Commits go before the pushes that brought them. @returns the commit that each sha stands for */
export async function storeCommits(
  { db }: Pick<RecordPushDeps, 'db'>,
  { id, gitDir }: PushedRepository,
  updates: readonly RefUpdate[],
  heads: KnownHeads,
): Promise<(sha: string) => string | null> {
  const tips = new Set(updates.filter((update) => !isGone(update)).map((update) => update.newSha));
  await storeNewCommits(db, id, gitDir, { tips: [...tips], known: heads.shas });
  const tags = updates.filter((update) => tagOf(update.ref) !== null).flatMap((update) => [update.oldSha, update.newSha]);
  const ofTags = new Set(tags);
  const behind = await commitsBehind(
    gitDir,
    tags.filter((sha) => !isZero(sha)),
  );
  return (sha) => (isZero(sha) ? null : ofTags.has(sha) ? (behind.get(sha) ?? null) : sha);
}

export async function factsOf(
  gitDir: string,
  update: RefUpdate,
  commitOf: (sha: string) => string | null,
  heads: KnownHeads,
): Promise<Facts> {
  const [before, commit] = [commitOf(update.oldSha), commitOf(update.newSha)];
  if (commit === null) return { commit, commits: 0, forced: false };
  if (isZero(update.oldSha)) return { commit, commits: await countNew(gitDir, commit, heads.shas), forced: false };
  if (before === null) return { commit, commits: 0, forced: true };
  const counts = await runGit(['rev-list', '--count', '--left-right', `${before}...${commit}`], { gitDir, timeoutMs: COUNT_TIMEOUT_MS });
  const [left = 0, right = 0] = counts.split('\t').map(Number);
  return { commit, commits: right, forced: left > 0 };
}

const COUNT_TIMEOUT_MS = 5 * 60_000;

async function countNew(gitDir: string, commit: string, known: readonly string[]): Promise<number> {
  const input = `${commit}\n${known.map((sha) => `^${sha}\n`).join('')}`;
  return Number(await runGit(['rev-list', '--count', '--ignore-missing', '--stdin'], { gitDir, input, timeoutMs: COUNT_TIMEOUT_MS }));
}

/**
 * One update becomes rows: the push, the branch or tag, and its run or why there is none. One transaction, which also moves the
 * repository's place in the journal: asked again for the same update, it does nothing.
 */
async function recordPush(
  deps: RecordPushDeps,
  repository: PushedRepository,
  update: RefUpdate,
  { commit, ...facts }: Facts,
  decision: PushDecision,
): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const done = await lockJournal(tx, repository.id);
    if (done === undefined || done > update.offset) return;
    const id = newId();
    await insertPushes(tx, repository.id, [{ ...update, ...facts, id, noRun: 'noRun' in decision ? decision.noRun : null }]);
    await moveRef(tx, repository, update, commit);
    await moveJournal(tx, repository.id, update.end);
    if ('plan' in decision && commit !== null) await deps.startRun(tx, runOf(repository, update, commit, id, decision));
  });
}

/** The branch or tag stands where the update has put it. */
export async function moveRef(tx: Tx, { id, projectId }: PushedRepository, update: RefUpdate, commit: string | null): Promise<void> {
  await moveRefs(tx, id, [{ ref: update.ref, commit, at: update.at }]);
  tx.changed('repository', id);
  tx.changed('project', projectId);
}

export function runOf(
  repository: PushedRepository,
  { ref, pusher }: RefUpdate,
  commitSha: string,
  pushId: string,
  { plan, skips }: Extract<PushDecision, { plan: unknown }>,
) {
  return {
    projectId: repository.projectId,
    repositoryId: repository.id,
    branch: branchOf(ref) ?? tagOf(ref) ?? ref,
    ref,
    commitSha,
    trigger: 'push' as const,
    triggeredBy: pusher,
    pushId,
    ...plan,
    skips,
  };
}
