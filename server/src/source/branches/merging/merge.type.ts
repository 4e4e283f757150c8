import { Field, ObjectType } from 'type-graphql';
import { enumOf } from '../../../platform/graphql/enum-of.js';
import { BranchRuleType } from '../rules/branch-rule.type.js';
import type { MergeResult, MergeStrategy } from './merge-branch.js';
import type { MergePreview } from './merge-preview.js';
import type { Conflict, ConflictKind } from './merge-tree.js';
import type { MissingCheck } from './required-jobs.js';

export const MergeStrategyEnum = enumOf<MergeStrategy>('MergeStrategy', 'How a branch is merged.', {
  fast_forward: 'The target is moved to the source; only if the target has no commits of its own.',
  merge_commit: 'A commit with both as parents.',
  squash: 'One commit on the target with everything that the source changed.',
});

export const MergeOutcomeEnum = enumOf<MergeResult['outcome']>('MergeOutcome', 'What came of a merge.', {
  merged: 'The target has moved.',
  up_to_date: 'The target already has everything; nothing was changed.',
  conflicts: 'Files conflict; nothing was changed.',
});

export const ConflictKindEnum = enumOf<ConflictKind>('ConflictKind', "Changes of the two sides to a file that can't both be kept.", {
  content: 'Both changed the same lines.',
  add_add: 'Both added it, with different content.',
  modify_delete: 'One changed it, the other deleted it.',
  rename_rename: 'Both renamed it, to different names.',
  rename_delete: 'One renamed it, the other deleted it.',
  rename_add: 'One renamed a file to a name that the other added.',
  file_directory: 'It is a file on one side and a folder on the other.',
  binary: 'Both changed it, and it is not text.',
  submodule: 'Both moved a submodule, to different commits.',
  other: 'Something else; the message says what.',
});

@ObjectType('MergeConflict', { description: "A file that two branches changed in ways that can't both be kept." })
export class MergeConflictType implements Conflict {
  @Field(() => String, { description: 'Which file.' })
  path!: string;

  @Field(() => ConflictKindEnum, { description: 'What the two did to it.' })
  kind!: ConflictKind;

  @Field(() => String, { description: 'A sentence for people.' })
  message!: string;
}

@ObjectType('MergeResult', { description: 'What came of a merge.' })
export class MergeResultType {
  @Field(() => MergeOutcomeEnum, { description: 'Whether the target has moved.' })
  outcome!: MergeResult['outcome'];

  @Field(() => String, { nullable: true, description: 'The commit that the target is at now; null: there are conflicts.' })
  sha!: string | null;

  @Field(() => [MergeConflictType], { description: 'By file; empty unless the outcome is conflicts.' })
  conflicts!: Conflict[];
}

@ObjectType('MissingCheck', { description: 'A job that a branch rule requires and that has not succeeded.' })
export class MissingCheckType implements MissingCheck {
  @Field(() => String, { description: 'Name of the job.' })
  job!: string;

  @Field(() => String, {
    nullable: true,
    description: "Its state in the commit's newest run; null: there is no such run, or it does not have the job.",
  })
  state!: string | null;
}

@ObjectType('MergePreview', { description: 'What a merge would run into, without making it.' })
export class MergePreviewType implements MergePreview {
  @Field(() => String, { description: 'Commit of the source. Pass it as expectedSourceSha to merge this commit and no other.' })
  sourceSha!: string;

  @Field(() => String, { description: 'Commit of the target.' })
  targetSha!: string;

  @Field(() => Boolean, { description: 'Whether the target already has everything of the source.' })
  isUpToDate!: boolean;

  @Field(() => Boolean, { description: 'Whether a fast-forward is possible.' })
  canFastForward!: boolean;

  @Field(() => Boolean, { description: 'Whether they have no commit in common, so that nothing can be merged.' })
  isUnrelated!: boolean;

  @Field(() => [MergeConflictType], { description: 'By file; empty: it can be merged.' })
  conflicts!: Conflict[];

  @Field(() => [MissingCheckType], { description: "What the target's rule still requires." })
  missingChecks!: MissingCheck[];

  @Field(() => Boolean, { description: "Whether the target's rule lets you merge into it." })
  allowed!: boolean;

  @Field(() => BranchRuleType, { nullable: true, description: 'The branch rule that applies to the target.' })
  rule!: MergePreview['rule'];
}
