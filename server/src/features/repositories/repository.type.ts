import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType('Repository', { description: 'A Git repository hosted by Slipway.' })
export class RepositoryType {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, { description: 'Its name, unique in its project.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The branch that was pushed first; null until then.' })
  defaultBranch!: string | null;

  projectId!: string;
  projectName!: string;
}
