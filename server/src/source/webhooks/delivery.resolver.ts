import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Can } from '../../people/access/can.js';
import type { Connection } from '../../platform/graphql/connection.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import type { DeliveryQueries, DeliveryView } from './delivery.queries.js';
import { WebhookDeliveryConnection, WebhookDeliveryType, WebhookPayloadType } from './delivery.type.js';

export type DeliveryResolverDeps = { queries: DeliveryQueries; redeliver(deliveryId: string, userId: string): Promise<void> };

/** A payload may be large: a page of few can be asked for with theirs, a page of a hundred can not. */
const PAYLOAD_COST = 1_000;

@Resolver(() => WebhookDeliveryType)
export class WebhookDeliveryResolver {
  constructor(private readonly deps: DeliveryResolverDeps) {}

  @Query(() => WebhookDeliveryConnection, {
    description: "Calls of a repository's code host, newest first. The last hundred are kept, for 30 days at most.",
  })
  @Can('repository.manage', { repository: 'repositoryId' })
  webhookDeliveries(
    @Arg('repositoryId', () => ID) repositoryId: string,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
  ): Promise<Connection<DeliveryView>> {
    return this.deps.queries.ofRepository(repositoryId, first, after);
  }

  @Query(() => WebhookDeliveryType, { nullable: true, description: 'A delivery by its id.' })
  @Can('repository.manage', { webhook_delivery: 'id' })
  webhookDelivery(@Arg('id', () => ID) id: string): Promise<DeliveryView | null> {
    return this.deps.queries.byId(id);
  }

  @Mutation(() => WebhookDeliveryType, {
    description: 'Handles a stored delivery again, as if the host had sent it now. Safe to repeat.',
  })
  @Can('repository.manage', { webhook_delivery: 'id' })
  async redeliver(@Ctx() context: GraphContext, @Arg('id', () => ID) id: string): Promise<DeliveryView | null> {
    await this.deps.redeliver(id, actorOf(context).userId);
    return this.deps.queries.byId(id);
  }

  @FieldResolver(() => WebhookPayloadType, { nullable: true, complexity: PAYLOAD_COST, description: 'Its body.' })
  payload(@Root() delivery: DeliveryView, @Ctx() context: GraphContext): Promise<WebhookPayloadType | null> {
    return context.loader('webhookDelivery.payload', (ids: readonly string[]) => this.deps.queries.payloads(ids)).load(delivery.id);
  }
}
