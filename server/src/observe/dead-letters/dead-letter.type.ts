import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { DeadLetterKind } from '../../platform/dead-letters.js';
import { connectionOf } from '../../platform/graphql/connection.js';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import type { DeadLetterView } from './dead-letter.queries.js';

export const DeadLetterKindEnum = enumOf<DeadLetterKind>('DeadLetterKind', 'What was set aside.', {
  push: 'A change of a branch or tag. The ref stands where it was pushed to, and has no run.',
  webhook_delivery: 'A call of a code host.',
  job: 'The work of a job, or what an agent reported about it; the job was ended.',
  outbox_message: 'A message to agents or other servers.',
  observation: 'What a deploy agent observed of an environment.',
  commit_status: 'A commit status for a code host.',
  pull_request: 'A pull request whose merge could not be made.',
  mirror: 'The fetch of an external repository, which is still tried now and then.',
  log: 'A log that could not be sealed.',
  overdue_attempt: 'An attempt whose agent is gone and that could not be ended.',
  overdue_job: 'A job that is over its time limit and could not be stopped.',
  deployment_work: 'Something that was due for a deployment or an environment.',
});

@ObjectType('DeadLetter', {
  description:
    'Something that could not be processed and was set aside, so that it does not hold up what is behind it. It can be tried again.',
})
export class DeadLetterType implements DeadLetterView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => DeadLetterKindEnum, { description: 'What kind of thing it is.' })
  kind!: DeadLetterKind;

  @Field(() => String, { description: 'What it is, in words.' })
  about!: string;

  @Field(() => ID, { nullable: true, description: 'Its project; null if it belongs to none.' })
  projectId!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of its project.' })
  projectName!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of its repository; null if it belongs to none.' })
  repositoryName!: string | null;

  @Field(() => String, { description: 'Why it could not be processed, the last time.' })
  error!: string;

  @Field(() => Int, { description: 'How often it was tried.' })
  tries!: number;

  @Field(() => DateTime, { description: 'When it was last tried.' })
  failedAt!: Date;
}

export const DeadLetterConnection = connectionOf('DeadLetter', () => DeadLetterType);
