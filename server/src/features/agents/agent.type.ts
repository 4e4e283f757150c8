import { Field, ID, Int, ObjectType } from 'type-graphql';
import { DateTime, Json } from '../../platform/graphql/scalars.js';
import { JobKindEnum } from '../jobs/job.type.js';
import type { JobKind } from '../pipelines/pipeline.js';
import type { AgentView } from './agent.queries.js';

@ObjectType('Agent', { description: 'A program on some machine that runs jobs and hosts environments.' })
export class AgentType implements AgentView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => String, { description: 'Unique; given when it enrolled.' })
  name!: string;

  @Field(() => [JobKindEnum], { description: 'Kinds of jobs that it takes.' })
  roles!: JobKind[];

  @Field(() => [String], { description: 'What jobs may ask for with `tags`.' })
  tags!: string[];

  @Field(() => Int, { description: 'How many jobs it takes at once.' })
  slots!: number;

  @Field(() => Int, { description: 'Jobs that it was offered or runs.' })
  slotsInUse!: number;

  @Field(() => Boolean, { description: 'Heard of within the last lease.' })
  connected!: boolean;

  @Field(() => Boolean, { description: 'Finishes what it has and takes no more.' })
  draining!: boolean;

  @Field(() => String, { nullable: true, description: 'Its version.' })
  version!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of its machine.' })
  hostname!: string | null;

  @Field(() => String, { nullable: true, description: 'Operating system and architecture.' })
  platform!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was last heard of.' })
  lastSeenAt!: Date | null;

  @Field(() => Json, {
    nullable: true,
    description:
      'What holds jobs in on its machine: `mode`, `limits`, `network`, `untrusted` (takes code from forks), `jobLimits`, `notes`.',
  })
  sandbox!: unknown;

  @Field(() => Json, { nullable: true, description: '`cpu` (load by core), `memoryUsed`, `memoryTotal`, `diskFree` (bytes).' })
  load!: unknown;
}
