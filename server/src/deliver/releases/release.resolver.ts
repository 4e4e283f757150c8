import { shorten } from '@slipway/protocol';
import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { RunView } from '../../build/runs/run.queries.js';
import { RunType } from '../../build/runs/run.type.js';
import { Can } from '../../people/access/can.js';
import type { GraphContext } from '../../platform/http/context.js';
import { CommitType } from '../../source/repositories/commits/commit.type.js';
import type { ReleaseRow } from './release.js';
import type { ReleaseQueries } from './release.queries.js';
import { ReleaseType } from './release.type.js';

const VERSION_LENGTH = 7;

export type ReleaseResolverDeps = {
  queries: ReleaseQueries;
  runs: { byIds(ids: readonly string[]): Promise<(RunView | null)[]> };
  repositories: { commit(context: GraphContext, repositoryId: string, sha: string): Promise<CommitType | null> };
};

@Resolver(() => ReleaseType)
export class ReleaseResolver {
  constructor(private readonly deps: ReleaseResolverDeps) {}

  @Query(() => [ReleaseType], { description: 'Releases of a project, newest first.' })
  @Can('project.read', { project: 'project' })
  releases(
    @Arg('project', () => String, { description: 'Name of the project.' }) project: string,
    @Arg('first', () => Int, { defaultValue: 20, description: '1 to 100.' }) first: number,
  ): Promise<ReleaseRow[]> {
    return this.deps.queries.ofProject(project, first);
  }

  @FieldResolver(() => String, { description: 'Short name for people: the abbreviated commit.' })
  version(@Root() release: ReleaseRow): string {
    return shorten(release.commitSha, VERSION_LENGTH);
  }

  @FieldResolver(() => CommitType, { nullable: true, description: 'The commit that it was built from.' })
  commit(@Root() release: ReleaseRow, @Ctx() context: GraphContext): Promise<CommitType | null> {
    return this.deps.repositories.commit(context, release.repositoryId, release.commitSha);
  }

  @FieldResolver(() => RunType, { nullable: true, description: 'The run that built it; null once that is deleted.' })
  async run(@Root() release: ReleaseRow, @Ctx() context: GraphContext): Promise<RunView | null> {
    return release.runId ? context.loader('run', (ids: readonly string[]) => this.deps.runs.byIds(ids)).load(release.runId) : null;
  }
}
