import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { RunView } from '../../build/runs/run.queries.js';
import { RunType } from '../../build/runs/run.type.js';
import { Can } from '../../people/access/can.js';
import type { Connection } from '../../platform/graphql/connection.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import { CommitType } from '../repositories/commits/commit.type.js';
import { RepositoryType } from '../repositories/repository.type.js';
import type { BranchQueries, BranchView } from './branch.queries.js';
import { BranchConnection, type BranchOrder, BranchOrderEnum, BranchType } from './branch.type.js';
import type { Divergence } from './count-apart.js';
import type { DeleteBranch } from './delete-branch.js';
import type { CreateBranch } from './ports.js';
import type { BranchRule } from './rules/branch-rule.js';
import type { BranchRuleQueries } from './rules/branch-rule.queries.js';
import { BranchRuleType } from './rules/branch-rule.type.js';
import type { SetDefaultBranch } from './set-default-branch.js';

export type BranchResolverDeps = {
  branches: BranchQueries;
  rules: BranchRuleQueries;
  createBranch: CreateBranch;
  deleteBranch: DeleteBranch;
  setDefaultBranch: SetDefaultBranch;
  /** Of keys `<repository id> <sha> <sha to compare with>`. null: nothing in common, or too far apart to count. */
  aheadBehind(keys: readonly string[]): Promise<(Divergence | null)[]>;
  repositories: {
    commit(context: GraphContext, repositoryId: string, sha: string): Promise<CommitType | null>;
    repository(context: GraphContext, id: string): Promise<RepositoryType | null>;
  };
  runs: { byIds(ids: readonly string[]): Promise<(RunView | null)[]> };
};

/** Branches: what they stand at, and what people do to them. */
@Resolver(() => BranchType)
export class BranchResolver {
  constructor(private readonly deps: BranchResolverDeps) {}

  @Query(() => BranchType, { nullable: true, description: 'A branch by its name.' })
  @Can('project.read', { repository: 'repositoryId' })
  branch(@Arg('repositoryId', () => ID) repositoryId: string, @Arg('name', () => String) name: string): Promise<BranchView | null> {
    return this.deps.branches.byName(repositoryId, name);
  }

  @Mutation(() => BranchType, { nullable: true, description: 'Makes a branch. null: it is made and will be listed in a moment.' })
  @Can('repository.push', { repository: 'repositoryId' })
  async createBranch(
    @Ctx() context: GraphContext,
    @Arg('repositoryId', () => ID) repositoryId: string,
    @Arg('name', () => String, { description: 'At most 200 bytes, as Git allows it.' }) name: string,
    @Arg('from', () => String, { nullable: true, description: 'A branch, tag or commit; left out: the default branch.' }) from?: string,
  ): Promise<BranchView | null> {
    await this.deps.createBranch(repositoryId, { name, from: from ?? null }, actorOf(context).userId);
    return this.deps.branches.byName(repositoryId, name);
  }

  @Mutation(() => Boolean, { description: 'Deletes a branch, but not the default one or one that a rule protects. Its commits stay.' })
  @Can('repository.push', { repository: 'repositoryId' })
  async deleteBranch(
    @Ctx() context: GraphContext,
    @Arg('repositoryId', () => ID) repositoryId: string,
    @Arg('name', () => String) name: string,
    @Arg('evenWithPullRequests', () => Boolean, { defaultValue: false, description: 'Delete it even if open pull requests come from it.' })
    evenWithPullRequests: boolean,
  ): Promise<boolean> {
    await this.deps.deleteBranch(repositoryId, { name, evenWithPullRequests }, actorOf(context).userId);
    return true;
  }

  @Mutation(() => RepositoryType, {
    nullable: true,
    description: 'Makes a branch the default: clones check it out, and other branches are compared with it.',
  })
  @Can('repository.manage', { repository: 'repositoryId' })
  async setDefaultBranch(
    @Ctx() context: GraphContext,
    @Arg('repositoryId', () => ID) repositoryId: string,
    @Arg('name', () => String) name: string,
  ): Promise<RepositoryType | null> {
    await this.deps.setDefaultBranch(repositoryId, name, actorOf(context).userId);
    return this.deps.repositories.repository(context, repositoryId);
  }

  @FieldResolver(() => CommitType, { nullable: true, description: 'The commit that it names.' })
  head(@Root() branch: BranchView, @Ctx() context: GraphContext): Promise<CommitType | null> {
    return this.deps.repositories.commit(context, branch.repositoryId, branch.headSha);
  }

  @FieldResolver(() => RunType, { nullable: true, description: 'Its newest run.' })
  async lastRun(@Root() branch: BranchView, @Ctx() context: GraphContext): Promise<RunView | null> {
    const id = await this.deps.branches.lastRunId(context, branch);
    return id ? context.loader('run', (ids: readonly string[]) => this.deps.runs.byIds(ids)).load(id) : null;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Commits that it has and the default branch does not; null: they have nothing in common, or are more than 10,000 apart.',
  })
  async ahead(@Root() branch: BranchView, @Ctx() context: GraphContext): Promise<number | null> {
    return (await this.divergence(context, branch))?.ahead ?? null;
  }

  @FieldResolver(() => Int, { nullable: true, description: 'Commits that the default branch has and it does not; null as for `ahead`.' })
  async behind(@Root() branch: BranchView, @Ctx() context: GraphContext): Promise<number | null> {
    return (await this.divergence(context, branch))?.behind ?? null;
  }

  @FieldResolver(() => BranchRuleType, { nullable: true, description: 'The branch rule that applies to it.' })
  protectedBy(@Root() branch: BranchView, @Ctx() context: GraphContext): Promise<BranchRule | null> {
    return this.deps.rules.ofBranch(context, branch.repositoryId, branch.name);
  }

  private async divergence(context: GraphContext, { repositoryId, headSha, defaultSha }: BranchView): Promise<Divergence | null> {
    if (!defaultSha) return null;
    const loader = context.loader('aheadBehind', (keys: readonly string[]) => this.deps.aheadBehind(keys));
    return loader.load(`${repositoryId} ${headSha} ${defaultSha}`);
  }
}

/** Branches as a repository shows them. */
@Resolver(() => RepositoryType)
export class RepositoryBranchesResolver {
  constructor(
    private readonly branchQueries: BranchQueries,
    private readonly rules: BranchRuleQueries,
  ) {}

  @FieldResolver(() => BranchConnection, { description: 'Its branches.' })
  branches(
    @Root() repository: RepositoryType,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
    @Arg('search', () => String, { nullable: true, description: 'Only branches whose name contains this; case does not matter.' })
    search?: string,
    @Arg('order', () => BranchOrderEnum, { defaultValue: 'name' }) order: BranchOrder = 'name',
  ): Promise<Connection<BranchView>> {
    return this.branchQueries.branches(repository.id, { first, after: after ?? null, search: search || null, order });
  }

  @FieldResolver(() => [BranchRuleType], { description: 'Its branch rules. Of those that match a branch, the first applies.' })
  branchRules(@Root() repository: RepositoryType, @Ctx() context: GraphContext): Promise<BranchRule[]> {
    return this.rules.ofRepository(context, repository.id);
  }
}
