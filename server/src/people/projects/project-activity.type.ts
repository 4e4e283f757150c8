import { Field, ObjectType } from 'type-graphql';
import { ProjectType } from './project.type.js';

@ObjectType('ProjectActivity', { description: 'A project in which runs, branches, environments or deployments changed.' })
export class ProjectActivityType {
  @Field(() => ProjectType, { description: 'The project as it is now.' })
  project!: ProjectType;
}
