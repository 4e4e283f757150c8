import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { Can } from '../../../people/access/can.js';
import { actorOf, type GraphContext } from '../../../platform/http/context.js';
import { MergePreviewType, MergeResultType, MergeStrategyEnum } from './merge.type.js';
import type { MergeBranch, MergeResult, MergeStrategy } from './merge-branch.js';
import type { MergePreview } from './merge-preview.js';

export type MergeResolverDeps = {
  mergeBranch: MergeBranch;
  mergePreview(repositoryId: string, branches: { source: string; target: string }, userId: string): Promise<MergePreview>;
};

@Resolver()
export class MergeResolver {
  constructor(private readonly deps: MergeResolverDeps) {}

  @Query(() => MergePreviewType, { description: 'What a merge would run into: conflicts, missing checks, a rule. Changes nothing.' })
  @Can('project.read', { repository: 'repositoryId' })
  mergePreview(
    @Ctx() context: GraphContext,
    @Arg('repositoryId', () => ID) repositoryId: string,
    @Arg('source', () => String, { description: 'A branch, tag or commit.' }) source: string,
    @Arg('target', () => String, { description: 'A branch.' }) target: string,
  ): Promise<MergePreview> {
    return this.deps.mergePreview(repositoryId, { source, target }, actorOf(context).userId);
  }

  @Mutation(() => MergeResultType, {
    description: 'Merges a branch into another; if something stands in the way, says what and changes nothing.',
  })
  @Can('repository.push', { repository: 'repositoryId' })
  mergeBranch(
    @Ctx() context: GraphContext,
    @Arg('repositoryId', () => ID) repositoryId: string,
    @Arg('source', () => String, { description: 'A branch, tag or commit.' }) source: string,
    @Arg('target', () => String, { description: 'The branch that moves.' }) target: string,
    @Arg('strategy', () => MergeStrategyEnum) strategy: MergeStrategy,
    @Arg('message', () => String, { nullable: true, description: 'Message of the new commit; left out: Slipway writes one.' })
    message?: string,
    @Arg('expectedSourceSha', () => String, {
      nullable: true,
      description: 'The commit that you looked at. If the source has moved on from it, nothing is merged.',
    })
    expectedSourceSha?: string,
  ): Promise<MergeResult> {
    const merge = { source, target, strategy, message: message ?? null, expectedSourceSha: expectedSourceSha ?? null };
    return this.deps.mergeBranch(repositoryId, merge, actorOf(context).userId);
  }
}
