import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { BranchRuleType } from '../rules/branch-rule.type.js';
import type { MergeResult, MergeStrategy } from './merge-branch.js';
import type { MergePreview } from './merge-preview.js';
import type { Conflict, ConflictKind } from './merge-tree.js';
import type { MissingCheck } from './required-jobs.js';

export const MergeStrategyEnum: Record<MergeStrategy, MergeStrategy> = {
  fast_forward: 'fast_forward',
  merge_commit: 'merge_commit',
  squash: 'squash',
};
registerEnumType(MergeStrategyEnum, {
  name: 'MergeStrategy',
  description: 'How a branch is merged.',
  valuesConfig: {
    fast_forward: { description: 'The target is moved to the source, when it has nothing of its own.' },
    merge_commit: { description: 'A commit with both as parents.' },
    squash: { description: 'One commit on the target with all that the source changed.' },
  },
});

export const MergeOutcomeEnum: Record<MergeResult['outcome'], MergeResult['outcome']> = {
  merged: 'merged',
  up_to_date: 'up_to_date',
  conflicts: 'conflicts',
};
registerEnumType(MergeOutcomeEnum, {
  name: 'MergeOutcome',
  description: 'What came of a merge; up_to_date and conflicts: nothing was changed.',
});

export const ConflictKindEnum: Record<ConflictKind, ConflictKind> = {
  content: 'content',
  add_add: 'add_add',
  modify_delete: 'modify_delete',
  rename_rename: 'rename_rename',
  rename_delete: 'rename_delete',
  rename_add: 'rename_add',
  file_directory: 'file_directory',
  binary: 'binary',
  submodule: 'submodule',
  other: 'other',
};
registerEnumType(ConflictKindEnum, { name: 'ConflictKind', description: 'What the two sides did to a file that can not both be kept.' });

@ObjectType('MergeConflict', { description: 'A file that two branches changed in ways that can not both be kept.' })
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

  @Field(() => String, { nullable: true, description: 'The commit at which the target is now; null: there are conflicts.' })
  sha!: string | null;

  @Field(() => [MergeConflictType], { description: 'By file; empty but for the outcome conflicts.' })
  conflicts!: Conflict[];
}

@ObjectType('MissingCheck', { description: 'A job that a branch rule asks for and that has not succeeded.' })
export class MissingCheckType implements MissingCheck {
  @Field(() => String, { description: 'Name of the job.' })
  job!: string;

  @Field(() => String, { nullable: true, description: "Its state in the commit's newest run; null: that run, if any, does not have it." })
  state!: string | null;
}

@ObjectType('MergePreview', { description: 'What a merge would meet, without making it.' })
export class MergePreviewType implements MergePreview {
  @Field(() => String, { description: 'Commit of the source. Give it as expectedSourceSha to merge this one and no other.' })
  sourceSha!: string;

  @Field(() => String, { description: 'Commit of the target.' })
  targetSha!: string;

  @Field(() => Boolean, { description: 'Whether the target has all of the source already.' })
  isUpToDate!: boolean;

  @Field(() => Boolean, { description: 'Whether the target can just be moved to the source.' })
  canFastForward!: boolean;

  @Field(() => Boolean, { description: 'Whether they have no commit in common, so that nothing can be merged.' })
  isUnrelated!: boolean;

  @Field(() => [MergeConflictType], { description: 'By file; empty: it can be merged.' })
  conflicts!: Conflict[];

  @Field(() => [MissingCheckType], { description: 'What the rule of the target still asks for.' })
  missingChecks!: MissingCheck[];

  @Field(() => Boolean, { description: "Whether the target's rule lets you merge into it." })
  allowed!: boolean;

  @Field(() => BranchRuleType, { nullable: true, description: 'The branch rule that holds for the target.' })
  rule!: MergePreview['rule'];
}
