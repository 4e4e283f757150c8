import { DomainError } from '../../../platform/errors.js';
import { runGit } from '../../../platform/git.js';
import type { Slots } from '../../../platform/slots.js';
import { refOfBranch } from '../branch-name.js';
import type { ChangeRefs } from '../change-refs.js';
import { ruleForbids } from '../rules/rule-forbids.js';
import { checkMessage, commitMerge, usualMessage } from './commit-merge.js';
import { canFastForward, isUpToDate, type LookDeps, lookAtMerge, type MergeLook } from './look-at-merge.js';
import { type Conflict, mergeTrees } from './merge-tree.js';
import type { MissingCheck } from './required-jobs.js';

export type MergeStrategy = 'fast_forward' | 'merge_commit' | 'squash';

export type MergeRequest = {
  /** A branch, tag or commit. */
  source: string;
  /** A branch. */
  target: string;
  strategy: MergeStrategy;
  /** Of the new commit; null: one is made. */
  message: string | null;
  /** The commit of the source that was looked at; with another there by now nothing is merged. null: whichever it is. */
  expectedSourceSha: string | null;
};

/** `conflicts`: nothing was changed. */
export type MergeResult =
  | { outcome: 'merged'; sha: string; conflicts: [] }
  | { outcome: 'up_to_date'; sha: string; conflicts: [] }
  | { outcome: 'conflicts'; sha: null; conflicts: Conflict[] };

export type MergeBranch = (repositoryId: string, merge: MergeRequest, userId: string) => Promise<MergeResult>;

export type MergeDeps = LookDeps & { changeRefs: ChangeRefs; slots: Slots };

const TRIES = 4;

/**
 * Merges without a work tree. The target moves only from the commit that was looked at: when somebody was faster, all is looked at anew,
 * rule and checks included.
 */
export function mergeBranchWith(deps: MergeDeps): MergeBranch {
  return async (repositoryId, merge, userId) => {
    checkMessage(merge.message);
    for (let tries = 1; ; tries++) {
      try {
        return await tryMerge(deps, repositoryId, merge, userId);
      } catch (error) {
        if (tries === TRIES || !(error instanceof TargetMoved)) throw error instanceof TargetMoved ? error.cause : error;
      }
    }
  };
}

class TargetMoved extends Error {}

async function tryMerge(deps: MergeDeps, repositoryId: string, merge: MergeRequest, userId: string): Promise<MergeResult> {
  const look = await deps.slots.run(() => lookAtMerge(deps, repositoryId, merge, userId));
  checkMayMerge(look, merge);
  if (isUpToDate(look)) return { outcome: 'up_to_date', sha: look.targetSha, conflicts: [] };
  const made = await deps.slots.run(() => makeMerge(deps, look, merge, userId));
  if (typeof made !== 'string') return { outcome: 'conflicts', sha: null, conflicts: made };
  if (made === look.targetSha) return { outcome: 'up_to_date', sha: made, conflicts: [] };
  const change = { ref: refOfBranch(merge.target), oldSha: look.targetSha, newSha: made };
  await deps.changeRefs(look.repository, [change], userId).catch((error: unknown) => {
    throw error instanceof DomainError && error.code === 'ref_moved' ? new TargetMoved('', { cause: error }) : error;
  });
  return { outcome: 'merged', sha: made, conflicts: [] };
}

/** @returns the commit that the target is to be at, which it may be already, or what stands in the way */
async function makeMerge({ db }: MergeDeps, look: MergeLook, merge: MergeRequest, userId: string): Promise<string | Conflict[]> {
  const { gitDir, sourceSha, targetSha } = look;
  if (merge.strategy === 'fast_forward') return sourceSha;
  const merged = await mergeTrees(gitDir, targetSha, sourceSha, { ours: merge.target, theirs: merge.source });
  if (!merged.clean) return merged.conflicts;
  if (merge.strategy === 'squash' && merged.tree === (await treeOf(gitDir, targetSha))) return targetSha;
  const message = merge.message ?? (await usualMessage(gitDir, merge.strategy, { ...merge, sourceSha, targetSha }));
  const parents = merge.strategy === 'squash' ? [targetSha] : [targetSha, sourceSha];
  return commitMerge(db, gitDir, { tree: merged.tree, parents, message, userId });
}

const treeOf = async (gitDir: string, sha: string): Promise<string> =>
  (await runGit(['rev-parse', '--verify', `${sha}^{tree}`], { gitDir })).trim();

function checkMayMerge(look: MergeLook, { source, target, strategy, expectedSourceSha }: MergeRequest): void {
  const { rule } = look;
  if (rule && !look.allowed) throw ruleForbids(rule, target, 'merge');
  if (expectedSourceSha !== null && expectedSourceSha !== look.sourceSha) throw sourceMoved(source);
  if (isUpToDate(look)) return;
  if (look.missing.length > 0) throw checksMissing(target, look.missing);
  if (look.mergeBaseSha === null) throw unrelated(source, target);
  if (strategy === 'fast_forward' && !canFastForward(look)) throw notFastForward(source, target);
}

const sourceMoved = (source: string) =>
  new DomainError(
    'conflict',
    'ref_moved',
    `"${source}" has moved on from the commit you looked at, so nothing was merged. Look at it again.`,
  );

const checksMissing = (target: string, missing: MissingCheck[]) =>
  new DomainError(
    'conflict',
    'checks_missing',
    `The branch rule of "${target}" requires jobs that have not succeeded at this commit: ${missing.map(({ job, state }) => `"${job}" (${state ?? 'not run'})`).join(', ')}. Run them, or fix what they found, then merge.`,
    { missing },
  );

const unrelated = (source: string, target: string) =>
  new DomainError(
    'conflict',
    'unrelated_histories',
    `"${source}" and "${target}" have no commit in common, so they can't be merged. Start a branch from "${target}" and bring the files over.`,
  );

const notFastForward = (source: string, target: string) =>
  new DomainError(
    'conflict',
    'not_fast_forward',
    `"${target}" has commits that "${source}" does not have, so a fast-forward is not possible. Use a merge commit or a squash, or bring "${source}" up to date first.`,
  );
