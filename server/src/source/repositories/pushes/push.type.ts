import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { enumOf } from '../../../platform/graphql/enum-of.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import type { NoRunReason } from './push-rows.js';
import type { PushCause } from './receive-journal.js';

export const PushCauseEnum = enumOf<PushCause>('PushCause', 'How Slipway learned of a push.', {
  push: 'By a push.',
  fetch: 'It was seen at the code host.',
  import: 'It already existed when the repository was added.',
});

@ObjectType('NoRun', { description: 'Why a push started no run.' })
export class NoRunType implements NoRunReason {
  @Field(() => String, {
    description:
      'Stable: skip_mark, skip_option, event_not_on, branch_filter, tag_filter, path_filter, no_job_needed, pipeline_unreadable, not_a_commit, set_aside, deleted or import.',
  })
  code!: string;

  @Field(() => String, { description: 'A sentence for people.' })
  message!: string;
}

@ObjectType('Push', { description: 'A branch or tag that was made, moved or deleted, and the run that followed.' })
export class PushType {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => String, { description: 'refs/heads/… or refs/tags/….' })
  ref!: string;

  @Field(() => String, { description: 'Object that the ref pointed at before; zeros: it was made.' })
  oldSha!: string;

  @Field(() => String, { description: 'Object that the ref points at afterwards; zeros: it was deleted.' })
  newSha!: string;

  @Field(() => Int, { description: 'How many commits it brought; 0 for imports, which are not counted.' })
  commits!: number;

  @Field(() => PushCauseEnum, { description: 'How Slipway learned of it.' })
  cause!: PushCause;

  @Field(() => Boolean, { description: 'Whether it was forced, so that commits were left behind.' })
  forced!: boolean;

  @Field(() => DateTime, { description: 'When.' })
  pushedAt!: Date;

  @Field(() => NoRunType, {
    nullable: true,
    description: 'Why it started no run; null: it started one, or is older than the recording of reasons.',
  })
  noRun!: NoRunReason | null;

  repositoryId!: string;
  pushedById!: string | null;
}

export const PushConnection = connectionOf('Push', () => PushType);
