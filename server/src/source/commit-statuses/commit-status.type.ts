import { Field, ObjectType } from 'type-graphql';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import { STATUS_STATES, type StatusState } from '../code-hosts/status.js';
import type { StatusReportView } from './status-report.queries.js';

const StatusStateEnum = enumOf('CommitStatusState', 'The status of a commit that a code host is told.', STATUS_STATES);

@ObjectType('StatusReport', { description: 'What the code host is told about a run.' })
export class StatusReportType implements StatusReportView {
  @Field(() => String, { description: 'The commit that the status is for.' })
  sha!: string;

  @Field(() => String, { description: 'The name under which the host shows it.' })
  context!: string;

  @Field(() => StatusStateEnum, { description: 'The newest state, told or not.' })
  state!: StatusState;

  @Field(() => String, { description: 'A line for people.' })
  description!: string;

  @Field(() => Boolean, { description: 'Whether the host has accepted the newest state.' })
  isTold!: boolean;

  @Field(() => DateTime, { nullable: true, description: 'When the host last accepted a state.' })
  sentAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description: "Why the last try failed, in the host's words where there are any; null after a success.",
  })
  error!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it is tried again; null when the host has it.' })
  nextTryAt!: Date | null;

  runId!: string;
}
