import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { RunQueries, RunView } from '../../../build/runs/run.queries.js';
import { RunType } from '../../../build/runs/run.type.js';
import type { Connection } from '../../../platform/graphql/connection.js';
import { costOfGitPage } from '../../../platform/graphql/limits.js';
import type { GraphContext } from '../../../platform/http/context.js';
import { RepositoryType } from '../repository.type.js';
import type { CommitQueries } from './commit.queries.js';
import { CommitConnection, CommitType } from './commit.type.js';
import type { CommitHistory } from './commit-history.js';
import type { CommitView } from './commit-view.js';

/** History as a repository shows it. */
@Resolver(() => RepositoryType)
export class RepositoryCommitsResolver {
  constructor(private readonly history: CommitHistory) {}

  @FieldResolver(() => CommitConnection, {
    description: 'Commits that a ref reaches, newest first. With `query`, a page may be short or empty without being the last one.',
    complexity: costOfGitPage,
  })
  commits(
    @Root() repository: RepositoryType,
    @Arg('first', () => Int, { defaultValue: 20, description: '1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: '`endCursor` of the previous page; `ref` then has no effect.' })
    after?: string,
    @Arg('ref', () => String, { nullable: true, description: 'A branch, a tag, a full ref or a sha; left out: the default branch.' })
    ref?: string,
    @Arg('query', () => String, { nullable: true, description: 'Part of the message or of the author, or the beginning of the sha.' })
    query?: string,
  ): Promise<Connection<CommitView>> {
    return this.history.page(repository.id, { ref: ref ?? null, first, after: after ?? null, query: query ?? null });
  }
}

/** What came of a commit, and what points at it. */
@Resolver(() => CommitType)
export class CommitResolver {
  constructor(
    private readonly queries: CommitQueries,
    private readonly allRuns: Pick<RunQueries, 'ofCommits'>,
  ) {}

  @FieldResolver(() => [RunType], { description: 'Its runs, newest first, including those of pull requests whose head it is.' })
  runs(
    @Root() commit: CommitView,
    @Ctx() context: GraphContext,
    @Arg('first', () => Int, { defaultValue: 5, description: '1 to 100.' }) first: number,
  ): Promise<RunView[]> {
    return context.loader(`commit.runs ${first}`, (keys: readonly CommitView[]) => this.allRuns.ofCommits(keys, first)).load(commit);
  }

  @FieldResolver(() => [String], { description: 'Names of the branches that point at it.' })
  branches(@Root() commit: CommitView, @Ctx() context: GraphContext): Promise<string[]> {
    return context.loader('commit.branches', (keys: readonly CommitView[]) => this.queries.branches(keys)).load(commit);
  }

  @FieldResolver(() => [String], { description: 'Names of the tags that point at it.' })
  tags(@Root() commit: CommitView, @Ctx() context: GraphContext): Promise<string[]> {
    return context.loader('commit.tags', (keys: readonly CommitView[]) => this.queries.tags(keys)).load(commit);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Number of the pull or merge request that it belongs to, if that is known or its message says so.',
  })
  pullRequestNumber(@Root() commit: CommitView, @Ctx() context: GraphContext): Promise<number | null> {
    return context.loader('commit.pullRequestNumber', (keys: readonly CommitView[]) => this.queries.pullRequestNumbers(keys)).load(commit);
  }
}
