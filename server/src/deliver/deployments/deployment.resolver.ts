import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { Strategy } from '../../build/pipelines/pipeline.js';
import type { DeployGate } from '../../build/runs/ports.js';
import { Can } from '../../people/access/can.js';
import { costOfGitPage } from '../../platform/graphql/limits.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import type { LiveReads } from '../../platform/live.js';
import type { CommitType } from '../../source/repositories/commits/commit.type.js';
import { cancelDeployment } from './cancel-deployment.js';
import { deployPreview, type PreviewDeps } from './deploy-preview.js';
import type { DeploymentEventView, DeploymentQueries, DeploymentView } from './deployment.queries.js';
import {
  DeploymentContentsType,
  DeploymentEventType,
  DeploymentType,
  DeployPreviewType,
  ReceiptType,
  StrategyEnum,
} from './deployment.type.js';
import { deploymentContents } from './deployment-contents.js';
import { percentOf } from './deployment-state.js';
import { percentilesOf } from './latency.js';
import type { ReleaseCommits } from './release-commits.js';
import { type RequestDeploymentDeps, requestDeploy, requestRollback } from './request-deployment.js';

export type DeploymentResolverDeps = RequestDeploymentDeps &
  PreviewDeps & {
    queries: DeploymentQueries;
    live: LiveReads;
    gate: DeployGate;
    repositories: { commit(context: GraphContext, repositoryId: string, sha: string): Promise<CommitType | null> };
  };

@Resolver(() => DeploymentType)
export class DeploymentResolver {
  constructor(private readonly deps: DeploymentResolverDeps) {}

  @Query(() => DeploymentType, { nullable: true, description: 'A deployment by its id.' })
  @Can('project.read', { deployment: 'id' })
  deployment(@Arg('id', () => ID) id: string): Promise<DeploymentView | null> {
    return this.deps.queries.byId(id);
  }

  @Query(() => DeployPreviewType, { description: 'What deploying a release to an environment would change.' })
  @Can('project.read', { environment: 'environmentId', release: 'releaseId' })
  async deployPreview(
    @Ctx() context: GraphContext,
    @Arg('environmentId', () => ID) environmentId: string,
    @Arg('releaseId', () => ID) releaseId: string,
    @Arg('rollback', () => Boolean, {
      nullable: true,
      description:
        'Whether it is a rollback, which also restores the former configuration; left out: true if the release is older than the one that serves.',
    })
    rollback?: boolean,
  ): Promise<DeployPreviewType> {
    const preview = await deployPreview(this.deps, environmentId, releaseId, rollback ?? null);
    return { ...preview, commits: await this.commitsOf(context, preview) };
  }

  @Mutation(() => DeploymentType, {
    description: "Deploys a release to an environment of its project, with the environment's present variables and secrets.",
  })
  @Can('deployment.create', { environment: 'environmentId', release: 'releaseId' })
  async deploy(
    @Ctx() context: GraphContext,
    @Arg('environmentId', () => ID) environmentId: string,
    @Arg('releaseId', () => ID) releaseId: string,
    @Arg('strategy', () => StrategyEnum, { nullable: true, description: 'Left out: the same as last time there, at first blue_green.' })
    strategy?: Strategy,
  ): Promise<DeploymentView | null> {
    return this.deps.queries.byId(await requestDeploy(this.deps, environmentId, releaseId, strategy ?? null, actorOf(context).userId));
  }

  @Mutation(() => DeploymentType, {
    description:
      'Brings back a release that ran there before, with the variables and secret versions that it had then. A deployment that is under way is undone at once.',
  })
  @Can('deployment.create', { environment: 'environmentId', release: 'toReleaseId?' })
  async rollback(
    @Ctx() context: GraphContext,
    @Arg('environmentId', () => ID) environmentId: string,
    @Arg('toReleaseId', () => ID, { nullable: true, description: "Left out: the environment's `rollbackRelease`." })
    toReleaseId?: string,
  ): Promise<DeploymentView | null> {
    return this.deps.queries.byId(await requestRollback(this.deps, environmentId, toReleaseId ?? null, actorOf(context).userId));
  }

  @Mutation(() => DeploymentType, { description: 'Stops a deployment and undoes what it has begun.' })
  @Can('deployment.create', { deployment: 'id' })
  async cancelDeployment(@Ctx() context: GraphContext, @Arg('id', () => ID) id: string): Promise<DeploymentView | null> {
    await cancelDeployment(this.deps, id, actorOf(context).userId);
    return this.deps.queries.byId(id);
  }

  @Subscription(() => DeploymentType, {
    description: 'A deployment: first as it is now, then again at each step.',
    subscribe: ({ context, args }) => (context as GraphContext).instanceOf(DeploymentResolver).watch(args.id as string),
  })
  @Can('project.read', { deployment: 'id' })
  deploymentChanged(@Root() deployment: DeploymentView, @Arg('id', () => ID) _id: string): DeploymentView {
    return deployment;
  }

  watch(id: string): AsyncIterableIterator<DeploymentView> {
    return this.deps.live.watch([{ thing: 'deployment', id }], `deployment.${id}`, () => this.deps.queries.byId(id));
  }

  @FieldResolver(() => ReceiptType, { nullable: true, description: 'null until it is over.' })
  receipt(@Root() { receipt }: DeploymentView): ReceiptType | null {
    return receipt && { ...receipt, latency: percentilesOf(receipt.latency ?? []) };
  }

  @FieldResolver(() => Int, { description: 'Roughly how far it has got, in percent; 100 once it is over.' })
  percent(@Root() deployment: DeploymentView): number {
    return percentOf(deployment.state);
  }

  @FieldResolver(() => DeploymentContentsType, {
    nullable: true,
    complexity: costOfGitPage,
    description: 'The commits between the release that served before and the one it deploys. null: it has not begun.',
  })
  async contents(@Root() deployment: DeploymentView, @Ctx() context: GraphContext): Promise<DeploymentContentsType | null> {
    const found = await deploymentContents(this.deps, deployment);
    return found && { ...found, commits: await this.commitsOf(context, found) };
  }

  private async commitsOf(context: GraphContext, { repositoryId, shas }: ReleaseCommits): Promise<CommitType[]> {
    const commits = await Promise.all(shas.map((sha) => this.deps.repositories.commit(context, repositoryId, sha)));
    return commits.filter((commit) => commit !== null);
  }

  @FieldResolver(() => [DeploymentEventType], { description: 'What happened to it, oldest first.' })
  events(@Root() deployment: DeploymentView, @Ctx() context: GraphContext): Promise<DeploymentEventView[]> {
    return context.loader('deployment.events', (ids: readonly string[]) => this.deps.queries.events(ids)).load(deployment.id);
  }
}
