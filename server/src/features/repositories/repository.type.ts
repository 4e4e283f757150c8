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
      'The branch that a clone checks out: of a hosted repository the one that was pushed first, of an external one as its host has it. null until there is one.',
  })
  defaultBranch!: string | null;

  projectId!: string;
  projectName!: string;
}
