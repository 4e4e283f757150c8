import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { ENVIRONMENT_NAME_RULE } from '../../build/pipelines/names.js';
import { Can } from '../../people/access/can.js';
import type { Database } from '../../platform/database.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import type { LiveReads } from '../../platform/live.js';
import { createEnvironment } from './create-environment.js';
import { deleteEnvironment } from './delete-environment.js';
import { type EnvironmentQueries, type EnvironmentView, type InstanceView, instancesOf } from './environment.queries.js';
import {
  EnvironmentHealthEnum,
  EnvironmentLimitsType,
  EnvironmentProblemType,
  EnvironmentType,
  InstanceType,
  LimitsInput,
  VariableInput,
  VariableType,
} from './environment.type.js';
import { type HealthState, healthOf, problemsOf } from './environment-health.js';
import type { PortRange } from './place-environment.js';
import { updateEnvironment } from './update-environment.js';

export type EnvironmentResolverDeps = { database: Database; queries: EnvironmentQueries; live: LiveReads; ports: PortRange };

@Resolver(() => EnvironmentType)
export class EnvironmentResolver {
  constructor(private readonly deps: EnvironmentResolverDeps) {}

  @Query(() => EnvironmentType, { nullable: true, description: 'An environment by its name.' })
  @Can('project.read', { project: 'project' })
  environment(
    @Arg('project', () => String, { description: 'Name of the project.' }) project: string,
    @Arg('name', () => String, { description: 'Name of the environment.' }) name: string,
  ): Promise<EnvironmentView | null> {
    return this.deps.queries.byName(project, name);
  }

  @Mutation(() => EnvironmentType, {
    description: 'Makes an environment on the deploy agent with the most room, or on the first one that connects if there is none.',
  })
  @Can('environment.manage', { project: 'project' })
  async createEnvironment(
    @Ctx() context: GraphContext,
    @Arg('project', () => String, { description: 'Name of the project.' }) project: string,
    @Arg('name', () => String, { description: `${ENVIRONMENT_NAME_RULE}.` }) name: string,
    @Arg('limits', () => LimitsInput, { nullable: true, description: 'Left out: no limits.' }) limits?: LimitsInput,
  ): Promise<EnvironmentView | null> {
    return this.deps.queries.byId(await createEnvironment(this.deps, project, name, limits ?? {}, actorOf(context).userId));
  }

  @Mutation(() => EnvironmentType, {
    description:
      'Changes an environment. Limits take effect at once: its instances are replaced by others, without a gap; if those do not become healthy, the present ones stay as they are. Variables take effect with the next deployment, with its health checks and its rollback.',
  })
  @Can('environment.manage', { environment: 'id' })
  async updateEnvironment(
    @Ctx() context: GraphContext,
    @Arg('id', () => ID) id: string,
    @Arg('limits', () => LimitsInput, { nullable: true }) limits?: LimitsInput,
    @Arg('variables', () => [VariableInput], { nullable: true, description: 'All of them: a variable left out is removed.' })
    variables?: VariableInput[],
  ): Promise<EnvironmentView | null> {
    await updateEnvironment(
      this.deps.database,
      id,
      { limits: limits ?? undefined, variables: variables ?? undefined },
      actorOf(context).userId,
    );
    return this.deps.queries.byId(id);
  }

  @Mutation(() => Boolean, {
    description: 'Deletes an environment: stops what runs there and frees its port. Refused while a deployment is under way.',
  })
  @Can('environment.manage', { environment: 'id' })
  async deleteEnvironment(@Ctx() context: GraphContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    await deleteEnvironment(this.deps.database, id, actorOf(context).userId);
    return true;
  }

  @Subscription(() => EnvironmentType, {
    description:
      'An environment: first as it is now, then again whenever it, its instances or its deployments change. Ends when it is deleted.',
    subscribe: ({ context, args }) => (context as GraphContext).instanceOf(EnvironmentResolver).watch(args.id as string),
  })
  @Can('project.read', { environment: 'id' })
  environmentChanged(@Root() environment: EnvironmentView, @Arg('id', () => ID) _id: string): EnvironmentView {
    return environment;
  }

  watch(id: string): AsyncIterableIterator<EnvironmentView> {
    return this.deps.live.watch([{ thing: 'environment', id }], `environment.${id}`, () => this.deps.queries.byId(id));
  }

  @FieldResolver(() => EnvironmentLimitsType, { description: 'What its instances may use.' })
  limits(@Root() environment: EnvironmentView): EnvironmentLimitsType {
    const { cpuCores, memoryMib, storageMib, limitsState } = environment;
    return { cpuCores, memoryMib, storageMib, state: limitsState };
  }

  @FieldResolver(() => [VariableType], { description: 'By name. They take effect with the next deployment.' })
  variables(@Root() environment: EnvironmentView): VariableType[] {
    const entries = Object.entries(environment.givenVariables).map(([name, value]) => ({ name, value }));
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  @FieldResolver(() => EnvironmentHealthEnum, {
    nullable: true,
    description: 'The worst health among the instances that get, or should get, the traffic; null: nothing should run.',
  })
  health(@Root() environment: EnvironmentView): HealthState | null {
    return healthOf(environment)?.state ?? null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'What a person should know about its health; null: nothing.' })
  healthMessage(@Root() environment: EnvironmentView): string | null {
    return healthOf(environment)?.message ?? null;
  }

  @FieldResolver(() => [EnvironmentProblemType], {
    description: 'What its agent could not do of what the environment should be now; empty once it is done.',
  })
  problems(@Root() environment: EnvironmentView): readonly EnvironmentProblemType[] {
    return problemsOf(environment);
  }

  @FieldResolver(() => [InstanceType], { description: 'What runs there, warm releases included.' })
  instances(@Root() environment: EnvironmentView): InstanceView[] {
    return instancesOf(environment);
  }
}
