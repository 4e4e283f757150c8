import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { Can } from '../../people/access/can.js';
import type { GraphContext } from '../../platform/http/context.js';
import type { LiveReads } from '../../platform/live.js';
import type { RepositoryQueries } from './repositories.queries.js';
import { RepositoryType } from './repository.type.js';

@Resolver(() => RepositoryType)
export class RepositoryLiveResolver {
  constructor(
    private readonly queries: RepositoryQueries,
    private readonly live: LiveReads,
  ) {}

  @Subscription(() => RepositoryType, {
    description:
      'A repository: first as it is now, then again whenever it, its branches, rules, pull requests, deliveries or the state of its mirror change.',
    subscribe: ({ context, args }) => (context as GraphContext).instanceOf(RepositoryLiveResolver).watch(args.id as string),
  })
  @Can('project.read', { repository: 'id' })
  repositoryChanged(@Root() repository: RepositoryType, @Arg('id', () => ID) _id: string): RepositoryType {
    return repository;
  }

  watch(id: string): AsyncIterableIterator<RepositoryType> {
    return this.live.watch([{ thing: 'repository', id }], `repository.${id}`, () => this.queries.byId(id));
  }
}
