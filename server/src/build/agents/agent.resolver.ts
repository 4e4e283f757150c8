import { Arg, Ctx, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { Can } from '../../people/access/can.js';
import type { Database } from '../../platform/database.js';
import { notFound } from '../../platform/errors.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import type { LiveReads } from '../../platform/live.js';
import type { AgentQueries, AgentView } from './agent.queries.js';
import { AgentType } from './agent.type.js';
import { drainAgent } from './drain-agent.js';

@Resolver(() => AgentType)
export class AgentResolver {
  constructor(private readonly deps: { database: Database; queries: AgentQueries; live: LiveReads }) {}

  @Query(() => [AgentType], { description: 'Every agent that may work here, by name.' })
  @Can('agent.read')
  agents(): Promise<AgentView[]> {
    return this.deps.queries.all();
  }

  @Mutation(() => AgentType, {
    description: 'Lets an agent finish what it runs and take no more work, or lets it take work again. Safe to repeat.',
  })
  @Can('agent.manage')
  async drainAgent(
    @Ctx() context: GraphContext,
    @Arg('id', () => ID, { description: 'Of the agent.' }) id: string,
    @Arg('draining', () => Boolean, { description: 'False: take work again.' }) draining: boolean,
  ): Promise<AgentView> {
    await drainAgent(this.deps.database, id, draining, actorOf(context).userId);
    const [agent] = await this.deps.queries.byIds([id]);
    if (!agent) throw notFound('agent', id);
    return agent;
  }

  @Subscription(() => [AgentType], {
    description: 'All agents: as they are now, then again whenever one of them changes.',
    subscribe: ({ context }) => (context as GraphContext).instanceOf(AgentResolver).watch(),
  })
  @Can('agent.read')
  agentsChanged(@Root() agents: AgentView[]): AgentView[] {
    return agents;
  }

  watch(): AsyncIterableIterator<AgentView[]> {
    return this.deps.live.watch([{ thing: 'agent', id: '*' }], 'agents', () => this.deps.queries.all());
  }
}
