import { Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { Can } from '../../people/access/can.js';
import type { GraphContext } from '../../platform/http/context.js';
import type { JobView } from './job.queries.js';
import { JobType, QueueInfoType } from './job.type.js';
import type { QueueQueries, QueueStanding } from './queue.queries.js';

/** Jobs that wait for an agent: what they wait for, and where they stand. */
@Resolver(() => JobType)
export class QueueResolver {
  constructor(private readonly queries: QueueQueries) {}

  @Query(() => QueueInfoType, { description: 'The jobs that wait for a free slot.' })
  @Can('agent.read')
  queue(): Promise<QueueInfoType> {
    return this.queries.length();
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'Its place among the jobs that wait for the same agents, where 1 is next; null if it does not wait for an agent, if no agent can run it, or if more than 1,000 jobs are ahead of it.',
  })
  queuePosition(@Root() job: JobView, @Ctx() context: GraphContext): Promise<number | null> | null {
    if (job.state !== 'queued') return null;
    return context.loader('job.queuePosition', (ids: readonly string[]) => this.queries.places(ids)).load(job.id);
  }

  @FieldResolver(() => String, { nullable: true, description: 'Why it waits, or why it ended as it did: a stable code.' })
  async reason(@Root() job: JobView, @Ctx() context: GraphContext): Promise<string | null> {
    return (await this.standing(job, context))?.reason ?? job.reason;
  }

  @FieldResolver(() => String, { nullable: true, description: 'The reason in a sentence.' })
  async message(@Root() job: JobView, @Ctx() context: GraphContext): Promise<string | null> {
    return (await this.standing(job, context))?.message ?? job.message;
  }

  private standing(job: JobView, context: GraphContext): Promise<QueueStanding | null> | null {
    if (job.state !== 'queued') return null;
    return context.loader('job.standing', (ids: readonly string[]) => this.queries.reasons(ids)).load(job.id);
  }
}
