import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Slots } from '../../../platform/slots.js';
import type { BranchRule } from '../rules/branch-rule.js';
import { canFastForward, isUpToDate, type LookDeps, lookAtMerge, type MergeLook } from './look-at-merge.js';
import { type Conflict, mergeTrees } from './merge-tree.js';
import type { MissingCheck } from './required-jobs.js';

export type MergePreview = {
  sourceSha: string;
  targetSha: string;
  isUpToDate: boolean;
  canFastForward: boolean;
  /** Of histories without a commit in common nothing can be said. */
  isUnrelated: boolean;
  conflicts: Conflict[];
  missingChecks: MissingCheck[];
  /** Whether the rule lets this person merge into the target. */
  allowed: boolean;
  rule: BranchRule | null;
};

/** What a merge would meet, without making it. */
export async function mergePreview(
  deps: LookDeps & { slots: Slots },
  repositoryId: string,
  branches: { source: string; target: string },
  userId: string,
): Promise<MergePreview> {
  const look = await deps.slots.run(() => lookAtMerge(deps, repositoryId, branches, userId));
  const trivial = isUpToDate(look) || canFastForward(look) || look.mergeBaseSha === null;
  return {
    sourceSha: look.sourceSha,
    targetSha: look.targetSha,
    isUpToDate: isUpToDate(look),
    canFastForward: canFastForward(look),
    isUnrelated: look.mergeBaseSha === null,
    conflicts: trivial ? [] : await deps.slots.run(() => conflictsOf(look, branches)),
    missingChecks: look.missing,
    allowed: look.allowed,
    rule: look.rule ?? null,
  };
}

/** The objects of the try go to a folder that is thrown away: the repository keeps all of its own for ever. */
async function conflictsOf(
  { gitDir, targetSha, sourceSha }: MergeLook,
  { source, target }: { source: string; target: string },
): Promise<Conflict[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-merge-'));
  try {
    const env = { GIT_OBJECT_DIRECTORY: scratch, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(gitDir, 'objects') };
    const merged = await mergeTrees(gitDir, targetSha, sourceSha, { ours: target, theirs: source }, env);
    return merged.clean ? [] : merged.conflicts;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
