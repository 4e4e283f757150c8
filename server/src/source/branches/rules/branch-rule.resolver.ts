import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { Can } from '../../../people/access/can.js';
import type { Database } from '../../../platform/database.js';
import { actorOf, type GraphContext } from '../../../platform/http/context.js';
import type { BranchRule, BranchRuleSettings } from './branch-rule.js';
import type { BranchRuleQueries } from './branch-rule.queries.js';
import { BranchRuleInput, BranchRuleType } from './branch-rule.type.js';
import { createBranchRule, deleteBranchRule, updateBranchRule } from './save-branch-rule.js';

@Resolver(() => BranchRuleType)
export class BranchRuleResolver {
  constructor(
    private readonly db: Database,
    private readonly queries: BranchRuleQueries,
  ) {}

  @Query(() => [BranchRuleType], { description: 'The branch rules of a repository. Of those that match a branch, the first applies.' })
  @Can('project.read', { repository: 'repositoryId' })
  branchRules(@Ctx() context: GraphContext, @Arg('repositoryId', () => ID) repositoryId: string): Promise<BranchRule[]> {
    return this.queries.ofRepository(context, repositoryId);
  }

  @Mutation(() => BranchRuleType, { nullable: true, description: 'Makes a rule, which takes effect at once.' })
  @Can('repository.manage', { repository: 'repositoryId' })
  async createBranchRule(
    @Ctx() context: GraphContext,
    @Arg('repositoryId', () => ID) repositoryId: string,
    @Arg('rule', () => BranchRuleInput) rule: BranchRuleInput,
  ): Promise<BranchRule | null> {
    return this.queries.byId(await createBranchRule(this.db, repositoryId, settingsOf(rule), actorOf(context).userId));
  }

  @Mutation(() => BranchRuleType, { nullable: true, description: 'Replaces a rule with what is given here.' })
  @Can('repository.manage', { branch_rule: 'id' })
  async updateBranchRule(
    @Ctx() context: GraphContext,
    @Arg('id', () => ID) id: string,
    @Arg('rule', () => BranchRuleInput) rule: BranchRuleInput,
  ): Promise<BranchRule | null> {
    await updateBranchRule(this.db, id, settingsOf(rule), actorOf(context).userId);
    return this.queries.byId(id);
  }

  @Mutation(() => Boolean, { description: 'Deletes a rule. What it forbade is allowed at once, unless another rule forbids it.' })
  @Can('repository.manage', { branch_rule: 'id' })
  async deleteBranchRule(@Ctx() context: GraphContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    await deleteBranchRule(this.db, id, actorOf(context).userId);
    return true;
  }
}

const settingsOf = ({ pushRole, environments, ...rule }: BranchRuleInput): BranchRuleSettings => ({
  ...rule,
  pushRole: pushRole ?? null,
  environments: environments ?? null,
});
