import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { DeadLetterKind } from '../../platform/dead-letters.js';
import { connectionOf } from '../../platform/graphql/connection.js';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import type { DeadLetterView } from './dead-letter.queries.js';

export const DeadLetterKindEnum = enumOf<DeadLetterKind>('DeadLetterKind', 'What was set aside.', {
  push: 'A change of a branch or tag. It stands where it was pushed to, and has no run.',
  webhook_delivery: 'A call of a code host.',
  job: 'The work of a job, or what an agent reported of it; the job was ended.',
  outbox_message: 'A message to agents or other servers.',
  observation: 'What a deploy agent sees of an environment.',
  commit_status: 'A status that the code host of a commit is to be told.',
  pull_request: 'A pull request whose merge could not be made.',
  mirror: 'The fetch of an external repository, which goes on being tried now and then.',
  log: 'A log that could not be sealed.',
  overdue_attempt: 'An attempt whose agent is gone, and which could not be ended.',
  overdue_job: 'A job over its time, which could not be stopped.',
  deployment_work: 'Something that was due for a deployment or an environment.',
});

@ObjectType('DeadLetter', {
  description: 'Something that could not be taken, and was set aside so that it holds up nothing behind it. It can be tried again.',
})
export class DeadLetterType implements DeadLetterView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => DeadLetterKindEnum, { description: 'What kind of thing it is.' })
  kind!: DeadLetterKind;

  @Field(() => String, { description: 'What it is, in words.' })
  about!: string;

  @Field(() => ID, { nullable: true, description: 'Its project; null where it belongs to none.' })
  projectId!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of its project.' })
  projectName!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of its repository; null where it belongs to none.' })
  repositoryName!: string | null;

  @Field(() => String, { description: 'Why it could not be taken, the last time.' })
  error!: string;

  @Field(() => Int, { description: 'How often it was tried.' })
  tries!: number;

  @Field(() => DateTime, { description: 'When it was tried last.' })
  failedAt!: Date;
}

export const DeadLetterConnection = connectionOf('DeadLetter', () => DeadLetterType);
