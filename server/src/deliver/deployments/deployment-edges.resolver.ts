import { deploys } from '@slipway/protocol';
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { JobQueries, JobView } from '../../build/jobs/job.queries.js';
import { JobType } from '../../build/jobs/job.type.js';
import type { RunQueries, RunView } from '../../build/runs/run.queries.js';
import { RunType } from '../../build/runs/run.type.js';
import type { UserQueries, UserView } from '../../people/access/user.queries.js';
import { UserType } from '../../people/access/user.type.js';
import { type Connection, cursorKey, pageOf } from '../../platform/graphql/connection.js';
import type { GraphContext } from '../../platform/http/context.js';
import type { EnvironmentQueries, EnvironmentView } from '../environments/environment.queries.js';
import { EnvironmentType } from '../environments/environment.type.js';
import type { ReleaseRow } from '../releases/release.js';
import type { ReleaseQueries } from '../releases/release.queries.js';
import { ReleaseType } from '../releases/release.type.js';
import type { DeploymentQueries, DeploymentView } from './deployment.queries.js';
import { DeploymentConnection, DeploymentType } from './deployment.type.js';

export type DeploymentEdgesDeps = {
  environments: Pick<EnvironmentQueries, 'evenDeleted'>;
  releases: Pick<ReleaseQueries, 'byIds'>;
  jobs: Pick<JobQueries, 'byIds'>;
  runs: Pick<RunQueries, 'byIds'>;
  users: Pick<UserQueries, 'load'>;
};

/** What a deployment is of, where it goes, and who does it. */
@Resolver(() => DeploymentType)
export class DeploymentEdgesResolver {
  constructor(private readonly deps: DeploymentEdgesDeps) {}

  @FieldResolver(() => EnvironmentType, { description: 'Where it goes.' })
  environment(@Root() deployment: DeploymentView, @Ctx() context: GraphContext): Promise<EnvironmentView | null> {
    return context
      .loader('deployment.environment', (ids: readonly string[]) => this.deps.environments.evenDeleted(ids))
      .load(deployment.environmentId);
  }

  @FieldResolver(() => ReleaseType, { description: 'What it brings.' })
  release(@Root() deployment: DeploymentView, @Ctx() context: GraphContext): Promise<ReleaseRow | null> {
    return context.loader('release', (ids: readonly string[]) => this.deps.releases.byIds(ids)).load(deployment.releaseId);
  }

  @FieldResolver(() => ReleaseType, {
    nullable: true,
    description: 'The release that served there when it began; null: none, or it has not begun.',
  })
  async previousRelease(@Root() deployment: DeploymentView, @Ctx() context: GraphContext): Promise<ReleaseRow | null> {
    const id = deployment.previousReleaseId;
    return id ? context.loader('release', (ids: readonly string[]) => this.deps.releases.byIds(ids)).load(id) : null;
  }

  @FieldResolver(() => JobType, { nullable: true, description: 'The job that does it; its log is the log of the deployment.' })
  async job(@Root() deployment: DeploymentView, @Ctx() context: GraphContext): Promise<JobView | null> {
    return deployment.jobId ? context.loader('job', (ids: readonly string[]) => this.deps.jobs.byIds(ids)).load(deployment.jobId) : null;
  }

  @FieldResolver(() => RunType, { nullable: true, description: 'The run that it belongs to.' })
  async run(@Root() deployment: DeploymentView, @Ctx() context: GraphContext): Promise<RunView | null> {
    return deployment.runId ? context.loader('run', (ids: readonly string[]) => this.deps.runs.byIds(ids)).load(deployment.runId) : null;
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who asked for it, manually or by a push.' })
  createdBy(@Root() deployment: DeploymentView, @Ctx() context: GraphContext): Promise<UserView | null> {
    return this.deps.users.load(context, deployment.createdById);
  }
}

/** Deployments as an environment shows them. */
@Resolver(() => EnvironmentType)
export class EnvironmentDeploymentsResolver {
  constructor(
    private readonly queries: DeploymentQueries,
    private readonly releases: Pick<ReleaseQueries, 'byIds'>,
  ) {}

  @FieldResolver(() => ReleaseType, {
    nullable: true,
    description:
      'The release that `rollback` goes back to if none is named: what served before the deployment that is under way, or before the present release. What was left by a rollback comes last. null: there is none.',
  })
  async rollbackRelease(@Root() environment: { id: string }, @Ctx() context: GraphContext): Promise<ReleaseRow | null> {
    const id = await context
      .loader('environment.rollbackRelease', (ids: readonly string[]) => this.queries.waysBack(ids))
      .load(environment.id);
    return id ? context.loader('release', (ids: readonly string[]) => this.releases.byIds(ids)).load(id) : null;
  }

  @FieldResolver(() => DeploymentType, { nullable: true, description: 'The one under way; otherwise the one that is next in line.' })
  activeDeployment(@Root() environment: { id: string }, @Ctx() context: GraphContext): Promise<DeploymentView | null> {
    return context.loader('environment.activeDeployment', (ids: readonly string[]) => this.queries.active(ids)).load(environment.id);
  }

  @FieldResolver(() => DeploymentConnection, { description: 'Its deployments, newest first.' })
  async deployments(
    @Root() environment: { id: string },
    @Ctx() context: GraphContext,
    @Arg('first', () => Int, { defaultValue: 20, description: '1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last one of the page before.' }) after?: string,
  ): Promise<Connection<DeploymentView>> {
    const before = cursorKey(after);
    const load = (ids: readonly string[]) => this.queries.ofEnvironments(ids, first, before);
    const rows = await context.loader(`environment.deployments.${first}.${before}`, load).load(environment.id);
    return pageOf(rows, first, (deployment) => deployment.id);
  }
}

/** The deployment that a run is for. */
@Resolver(() => RunType)
export class RunDeploymentResolver {
  constructor(private readonly queries: DeploymentQueries) {}

  @FieldResolver(() => DeploymentType, {
    nullable: true,
    description: 'The deployment that a run with the trigger `DEPLOY` or `ROLLBACK` makes; null for all other runs.',
  })
  async deployment(@Root() run: RunView, @Ctx() context: GraphContext): Promise<DeploymentView | null> {
    if (run.trigger !== 'deploy' && run.trigger !== 'rollback') return null;
    return context.loader('run.deployment', (ids: readonly string[]) => this.queries.ofDirectRuns(ids)).load(run.id);
  }
}

/** The deployment of a deploy job. */
@Resolver(() => JobType)
export class JobDeploymentResolver {
  constructor(
    private readonly queries: DeploymentQueries,
    private readonly environments: Pick<EnvironmentQueries, 'evenDeleted'>,
  ) {}

  @FieldResolver(() => DeploymentType, { nullable: true, description: 'The deployment that a deploy job makes, once its needs are met.' })
  async deployment(@Root() job: JobView, @Ctx() context: GraphContext): Promise<DeploymentView | null> {
    return deploys(job) ? context.loader('job.deployment', (ids: readonly string[]) => this.queries.ofJobs(ids)).load(job.id) : null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'Name of the environment that a deploy job is for, once its needs are met.' })
  async environmentName(@Root() job: JobView, @Ctx() context: GraphContext): Promise<string | null> {
    if (!job.environmentId) return null;
    const loader = context.loader('deployment.environment', (ids: readonly string[]) => this.environments.evenDeleted(ids));
    return (await loader.load(job.environmentId))?.name ?? null;
  }
}
