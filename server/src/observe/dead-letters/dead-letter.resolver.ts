import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { Can } from '../../people/access/can.js';
import type { Connection } from '../../platform/graphql/connection.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import type { DeadLetterQueries, DeadLetterView } from './dead-letter.queries.js';
import { DeadLetterConnection, DeadLetterType } from './dead-letter.type.js';

export type DeadLetterResolverDeps = {
  queries: DeadLetterQueries;
  retry(id: string, userId: string): Promise<void>;
  discard(id: string, userId: string): Promise<void>;
};

@Resolver(() => DeadLetterType)
export class DeadLetterResolver {
  constructor(private readonly deps: DeadLetterResolverDeps) {}

  @Query(() => DeadLetterConnection, { description: 'Things that could not be processed and were set aside, newest first.' })
  @Can('dead_letter.manage')
  deadLetters(
    @Arg('first', () => Int, { defaultValue: 50, description: 'How many at most.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last one before.' }) after?: string,
  ): Promise<Connection<DeadLetterView>> {
    return this.deps.queries.all(first, after);
  }

  @Query(() => Int, { description: 'How many things are set aside.' })
  @Can('dead_letter.manage')
  deadLetterCount(): Promise<number> {
    return this.deps.queries.count();
  }

  @Mutation(() => Int, {
    description:
      'Tries something again that was set aside; fails with the new error if it still can’t be processed. Returns how many are left.',
  })
  @Can('dead_letter.manage')
  async retryDeadLetter(
    @Ctx() context: GraphContext,
    @Arg('id', () => ID, { description: 'Of the dead letter.' }) id: string,
  ): Promise<number> {
    await this.deps.retry(id, actorOf(context).userId);
    return this.deps.queries.count();
  }

  @Mutation(() => Int, { description: 'Discards something that was set aside, for good. Returns how many are left.' })
  @Can('dead_letter.manage')
  async discardDeadLetter(
    @Ctx() context: GraphContext,
    @Arg('id', () => ID, { description: 'Of the dead letter.' }) id: string,
  ): Promise<number> {
    await this.deps.discard(id, actorOf(context).userId);
    return this.deps.queries.count();
  }
}
