import { Field, ID, ObjectType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import type { ProjectView } from './project.queries.js';

@ObjectType('Project', { description: 'Groups repositories, their runs, and the environments that they are deployed to.' })
export class ProjectType implements ProjectView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => String, { description: 'Unique; stands in addresses.' })
  name!: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;
}

export const ProjectConnection = connectionOf('Project', () => ProjectType);
