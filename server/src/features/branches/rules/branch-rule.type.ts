import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { enumOf } from '../../../platform/graphql/enum-of.js';
import type { BranchRule, BranchRuleSettings, PushRole } from './branch-rule.js';

export const PushRoleEnum = enumOf<PushRole>('PushRole', 'The least role in the project that may push to a branch.', {
  developer: 'Developers, deployers and admins.',
  deployer: 'Deployers and admins.',
  admin: 'Admins alone.',
});

@ObjectType('BranchRule', { description: 'What holds for the branches that a pattern names.' })
export class BranchRuleType implements BranchRule {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, { description: 'A name or pattern: * stays within a slash, ** does not, {a,b} is one of several.' })
  pattern!: string;

  @Field(() => PushRoleEnum, { nullable: true, description: 'Who may push and merge; null: nobody pushes, work comes in by merges alone.' })
  pushRole!: PushRole | null;

  @Field(() => Boolean, { description: 'Whether its history may be rewritten by a forced push.' })
  allowForce!: boolean;

  @Field(() => Boolean, { description: 'Whether it may be deleted.' })
  allowDelete!: boolean;

  @Field(() => [String], { description: 'Jobs that must have succeeded in the newest run of a commit before that is merged.' })
  requiredJobs!: string[];

  @Field(() => [String], { nullable: true, description: 'Environments that its commits may go to; null: any.' })
  environments!: string[] | null;

  repositoryId!: string;
}

@InputType('BranchRuleInput', { description: 'A branch rule, all of it.' })
export class BranchRuleInput implements BranchRuleSettings {
  @Field(() => String, { description: 'A name or pattern: * stays within a slash, ** does not, {a,b} is one of several.' })
  pattern!: string;

  @Field(() => PushRoleEnum, { nullable: true, description: 'null or left out: nobody pushes, work comes in by merges alone.' })
  pushRole!: PushRole | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether its history may be rewritten by a forced push.' })
  allowForce!: boolean;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether it may be deleted.' })
  allowDelete!: boolean;

  @Field(() => [String], { defaultValue: [], description: 'Jobs that must have succeeded before a merge.' })
  requiredJobs!: string[];

  @Field(() => [String], { nullable: true, description: 'Environments that its commits may go to; null or left out: any.' })
  environments!: string[] | null;
}
