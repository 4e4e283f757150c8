import { Field, ID, ObjectType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection.js';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime } from '../../platform/graphql/scalars.js';

export type BranchOrder = 'name' | 'updated';
export const BranchOrderEnum = enumOf<BranchOrder>('BranchOrder', 'The order of a list of branches.', {
  name: 'By name.',
  updated: 'Most recently pushed first.',
});

@ObjectType('Branch', { description: 'A branch of a repository.' })
export class BranchType {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, { description: 'Its name, without refs/heads/.' })
  name!: string;

  @Field(() => DateTime, { description: 'When it was last pushed to.' })
  updatedAt!: Date;

  @Field(() => Boolean, { description: 'Whether a clone checks it out.' })
  isDefault!: boolean;

  repositoryId!: string;
  headSha!: string;
  /** Of the default branch, when there is one. */
  defaultSha!: string | null;
}

export const BranchConnection = connectionOf('Branch', () => BranchType);
