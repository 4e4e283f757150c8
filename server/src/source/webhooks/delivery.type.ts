import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection.js';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime, Json } from '../../platform/graphql/scalars.js';
import { HOST_KINDS } from '../code-hosts/host-kinds.js';

export type WebhookDeliveryState = 'received' | 'handled' | 'ignored' | 'failed';

export const WebhookDeliveryStateEnum = enumOf<WebhookDeliveryState>('WebhookDeliveryState', 'What came of a delivery.', {
  received: 'It is being handled, or will be within seconds.',
  handled: 'Its answer says what it caused.',
  ignored: 'Slipway has no use for it; its answer says why.',
  failed: 'Its answer says what was wrong.',
});

@ObjectType('WebhookPayload', { description: 'The body of a delivery.' })
export class WebhookPayloadType {
  @Field(() => String, { description: 'The body: JSON is indented, anything else is as it came.' })
  text!: string;

  @Field(() => Boolean, { description: 'Whether `text` holds only the beginning.' })
  truncated!: boolean;

  @Field(() => Int, { description: 'Size of the body as it came, in bytes.' })
  bytes!: number;
}

@ObjectType('WebhookDelivery', { description: 'A call of a code host whose signature was right.' })
export class WebhookDeliveryType {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, { nullable: true, description: `Kind of host that sent it: ${HOST_KINDS.join(', ')}.` })
  host!: string | null;

  @Field(() => String, { description: 'What happened, as the host names it, e.g. push.' })
  event!: string;

  @Field(() => String, { description: "The host's id of it; repetitions have the same id." })
  deliveryKey!: string;

  @Field(() => DateTime, { description: 'When it first came.' })
  receivedAt!: Date;

  @Field(() => Int, { description: 'How often the host sent it; only the first time counts.' })
  times!: number;

  @Field(() => WebhookDeliveryStateEnum, { description: 'What came of it.' })
  state!: WebhookDeliveryState;

  @Field(() => String, {
    nullable: true,
    description: 'What it caused, or why nothing, in a sentence; null while it is being handled.',
  })
  answer!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was handled.' })
  handledAt!: Date | null;

  @Field(() => Json, { description: 'Its headers by lower-case name, without signatures and tokens.' })
  headers!: Record<string, string>;

  repositoryId!: string;
}

export const WebhookDeliveryConnection = connectionOf('WebhookDelivery', () => WebhookDeliveryType);
