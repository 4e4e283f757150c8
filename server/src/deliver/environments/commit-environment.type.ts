import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../platform/graphql/scalars.js';

@ObjectType('CommitEnvironment', { description: 'An environment that a commit was deployed to.' })
export class CommitEnvironmentType {
  @Field(() => Boolean, { description: 'Whether it serves there now.' })
  isLive!: boolean;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When a release of it was last deployed there; null: its first deployment there is not over yet.',
  })
  reachedAt!: Date | null;

  environmentId!: string;
}
