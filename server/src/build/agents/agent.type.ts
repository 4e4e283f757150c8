import { type JobKind } from '@slipway/protocol';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { DateTime, Json } from '../../platform/graphql/scalars.js';
import { JobKindEnum } from '../jobs/job.type.js';
import type { AgentView } from './agent.queries.js';

@ObjectType('Agent', { description: 'A program that runs jobs and hosts environments on its machine.' })
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

  @Field(() => Int, { description: 'Jobs that it runs or was offered.' })
  slotsInUse!: number;

  @Field(() => Boolean, { description: 'Whether the server has heard from it within the last lease.' })
  connected!: boolean;

  @Field(() => Boolean, { description: 'Whether it only finishes what it has, and takes no new work.' })
  draining!: boolean;

  @Field(() => String, { nullable: true, description: 'Its version.' })
  version!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of its machine.' })
  hostname!: string | null;

  @Field(() => String, { nullable: true, description: 'Operating system and architecture.' })
  platform!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When the server last heard from it.' })
  lastSeenAt!: Date | null;

  @Field(() => Json, {
    nullable: true,
    description:
      'How its machine isolates jobs: `mode`, `limits`, `network`, `untrusted` (whether it takes code from forks), `jobLimits`, `notes`.',
  })
  sandbox!: unknown;

  @Field(() => Json, { nullable: true, description: '`cpu` (load by core), `memoryUsed`, `memoryTotal`, `diskFree` (bytes).' })
  load!: unknown;
}
