import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { enumOf } from '../../../platform/graphql/enum-of.js';
import type { BranchRule, BranchRuleSettings, PushRole } from './branch-rule.js';

export const PushRoleEnum = enumOf<PushRole>('PushRole', 'The least role in the project that may push to a branch.', {
  developer: 'Developers, deployers and admins.',
  deployer: 'Deployers and admins.',
  admin: 'Admins alone.',
});

@ObjectType('BranchRule', { description: 'The rule for the branches that a pattern matches.' })
export class BranchRuleType implements BranchRule {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, { description: 'A name or pattern: * stays within a slash, ** does not, {a,b} is one of several.' })
  pattern!: string;

  @Field(() => PushRoleEnum, {
    nullable: true,
    description: 'Who may push and merge; null: nobody may push, changes come in by merges only.',
  })
  pushRole!: PushRole | null;

  @Field(() => Boolean, { description: 'Whether its history may be rewritten by a forced push.' })
  allowForce!: boolean;

  @Field(() => Boolean, { description: 'Whether it may be deleted.' })
  allowDelete!: boolean;

  @Field(() => [String], { description: 'Jobs that must have succeeded in the newest run of a commit before it is merged.' })
  requiredJobs!: string[];

  @Field(() => [String], { nullable: true, description: 'Environments that its commits may be deployed to; null: any; empty: none.' })
  environments!: string[] | null;

  repositoryId!: string;
}

@InputType('BranchRuleInput', { description: 'A complete branch rule.' })
export class BranchRuleInput implements BranchRuleSettings {
  @Field(() => String, { description: 'A name or pattern: * stays within a slash, ** does not, {a,b} is one of several.' })
  pattern!: string;

  @Field(() => PushRoleEnum, { nullable: true, description: 'null or left out: nobody may push, changes come in by merges only.' })
  pushRole!: PushRole | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether its history may be rewritten by a forced push.' })
  allowForce!: boolean;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether it may be deleted.' })
  allowDelete!: boolean;

  @Field(() => [String], { defaultValue: [], description: 'Jobs that must have succeeded before a merge.' })
  requiredJobs!: string[];

  @Field(() => [String], {
    nullable: true,
    description: 'Environments that its commits may be deployed to; null or left out: any; empty: none.',
  })
  environments!: string[] | null;
}
