import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType('Repository', { description: 'A Git repository, hosted by Slipway or mirrored from a code host.' })
export class RepositoryType {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, { description: 'Its name, unique in its project.' })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The branch that a clone checks out: of a hosted repository the one that was pushed first, unless an admin chose another; of an external one the default branch at its host. null: there is none yet.',
  })
  defaultBranch!: string | null;

  projectId!: string;
  projectName!: string;
}
