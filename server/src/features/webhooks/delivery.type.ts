import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection.js';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime, Json } from '../../platform/graphql/scalars.js';

export type WebhookDeliveryState = 'received' | 'handled' | 'ignored' | 'failed';

export const WebhookDeliveryStateEnum = enumOf<WebhookDeliveryState>('WebhookDeliveryState', 'What came of a delivery.', {
  received: 'It is being handled, or will be within seconds.',
  handled: 'Its answer says what it brought about.',
  ignored: 'Slipway has no use for it; its answer says why.',
  failed: 'Its answer says what was wrong.',
});

@ObjectType('WebhookPayload', { description: 'The body of a delivery.' })
export class WebhookPayloadType {
  @Field(() => String, { description: 'JSON laid out over lines; what is no JSON as it came.' })
  text!: string;

  @Field(() => Boolean, { description: 'Whether only its beginning is in `text`.' })
  truncated!: boolean;

  @Field(() => Int, { description: 'Of the body as it came, in bytes.' })
  bytes!: number;
}

@ObjectType('WebhookDelivery', { description: 'A call of a code host, whose signature was right.' })
export class WebhookDeliveryType {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Kind of host that sent it: github, gitlab, gitea, bitbucket or bitbucket_server.' })
  host!: string | null;

  @Field(() => String, { description: 'What happened, as the host names it, e.g. push.' })
  event!: string;

  @Field(() => String, { description: "The host's own id of it; its repetitions have the same." })
  deliveryKey!: string;

  @Field(() => DateTime, { description: 'When it came first.' })
  receivedAt!: Date;

  @Field(() => Int, { description: 'How often the host sent it; only the first time counts.' })
  times!: number;

  @Field(() => WebhookDeliveryStateEnum, { description: 'What came of it.' })
  state!: WebhookDeliveryState;

  @Field(() => String, {
    nullable: true,
    description: 'What it brought about, or why nothing, in a sentence; null while it is being handled.',
  })
  answer!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was handled.' })
  handledAt!: Date | null;

  @Field(() => Json, { description: 'Its headers by lower-case name, without signatures and tokens.' })
  headers!: Record<string, string>;

  repositoryId!: string;
}

export const WebhookDeliveryConnection = connectionOf('WebhookDelivery', () => WebhookDeliveryType);
