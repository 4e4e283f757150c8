import type { InstanceState, Observed } from '@slipway/protocol';
import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import type { EnvironmentState, Limits, PlacedRelease } from './environment.js';
import type { EnvironmentView, InstanceView } from './environment.queries.js';
import { HEALTH_STATES, type HealthState } from './environment-health.js';

export const InstanceStateEnum = enumOf<InstanceState>('InstanceState', 'Where a running copy of a release stands.', {
  starting: 'It runs, but has not answered yet.',
  healthy: 'It answers.',
  unhealthy: 'It does not answer as it should.',
  draining: 'It finishes its open requests and gets no new ones.',
  stopped: 'It has ended.',
});

export const EnvironmentHealthEnum = enumOf<HealthState>(
  'EnvironmentHealth',
  'How the release that serves in an environment is doing.',
  HEALTH_STATES,
);

export const LimitsStateEnum = enumOf('LimitsState', "Whether the agent's machine can enforce limits.", ['enforced', 'not_enforced']);

@ObjectType('EnvironmentLimits', { description: 'What each instance of an environment may use.' })
export class EnvironmentLimitsType implements Limits {
  @Field(() => Float, { nullable: true, description: 'Cores; null: no limit.' })
  cpuCores!: number | null;

  @Field(() => Int, { nullable: true, description: 'MiB; null: no limit.' })
  memoryMib!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'MiB that its files may take; null: no limit. It is watched: an instance that takes more is stopped and started again without them.',
  })
  storageMib!: number | null;

  @Field(() => LimitsStateEnum, { description: 'Whether the limits of CPU and memory are enforced where the environment lives.' })
  state!: 'enforced' | 'not_enforced';
}

@ObjectType('InstanceLimits', { description: 'What one instance was started with.' })
export class InstanceLimitsType implements Limits {
  @Field(() => Float, { nullable: true, description: 'Cores; null: no limit.' })
  cpuCores!: number | null;

  @Field(() => Int, { nullable: true, description: 'MiB; null: no limit.' })
  memoryMib!: number | null;

  @Field(() => Int, { nullable: true, description: 'MiB; null: no limit.' })
  storageMib!: number | null;
}

@ObjectType('EnvironmentProblem', { description: 'Something that an environment should have and has not.' })
export class EnvironmentProblemType {
  @Field(() => String, { description: 'What kind it is, e.g. port_in_use, router_unreachable or release_unhealthy.' })
  code!: string;

  @Field(() => String, { description: 'What, why, and what an application printed last; several lines.' })
  message!: string;
}

@InputType('LimitsInput', { description: 'A limit left out stays as it is; null removes it.' })
export class LimitsInput implements Partial<Limits> {
  @Field(() => Float, { nullable: true, description: 'Cores, 0.05 to 256.' })
  cpuCores?: number | null;

  @Field(() => Int, { nullable: true, description: 'MiB, from 32.' })
  memoryMib?: number | null;

  @Field(() => Int, { nullable: true, description: 'MiB, from 64.' })
  storageMib?: number | null;
}

@ObjectType('Variable', { description: 'An environment variable of what runs; not for secrets.' })
export class VariableType {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'Its value.' })
  value!: string;
}

@InputType('VariableInput', { description: 'An environment variable of what runs; not for secrets.' })
export class VariableInput {
  @Field(() => String, { description: 'Letters, digits and "_".' })
  name!: string;

  @Field(() => String, { description: 'At most 64 KiB.' })
  value!: string;
}

@ObjectType('Instance', { description: 'A running copy of a release, as its agent last saw it.' })
export class InstanceType implements InstanceView {
  @Field(() => ID, { name: 'id', description: 'UUID.' })
  instanceId!: string;

  @Field(() => InstanceStateEnum, { description: 'Where it stands.' })
  state!: InstanceState;

  @Field(() => Int, { description: 'Port on which it listens, behind the router.' })
  port!: number;

  @Field(() => Int, { nullable: true, description: 'Process id on its machine.' })
  pid!: number | null;

  @Field(() => DateTime, { description: 'When its process was started.' })
  startedAt!: string;

  @Field(() => Int, { description: 'How often it was restarted after it ended by itself.' })
  restarts!: number;

  @Field(() => Int, { description: 'How often it was restarted within the last hour.' })
  recentRestarts!: number;

  @Field(() => Boolean, { description: 'Whether it gets the traffic; false: it is starting, kept warm or being stopped.' })
  serving!: boolean;

  @Field(() => String, { nullable: true, description: 'What is wrong with it.' })
  message!: string | null;

  @Field(() => InstanceLimitsType, {
    nullable: true,
    description:
      'The earlier limits that it still has, because it has not been replaced since they were changed; null: it has the present ones.',
  })
  earlierLimits!: Limits | null;

  releaseId!: string;
  ofRelease!: string | null;
  exitCode!: number | null;
}

@ObjectType('Environment', { description: 'A place where releases of a project run.' })
export class EnvironmentType implements EnvironmentView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => String, { description: 'Unique in its project.' })
  name!: string;

  @Field(() => String, { description: 'active, deleting or deleted.' })
  state!: EnvironmentState;

  @Field(() => Int, {
    nullable: true,
    description: 'Public port of the running application, on the machine of its agent; null: it has no deploy agent yet.',
  })
  port!: number | null;

  @Field(() => Int, { description: "Number of the environment's desired state, which its agent applies." })
  generation!: number;

  @Field(() => DateTime, { nullable: true, description: 'Since when `release` serves.' })
  releaseSince!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Until when `warmRelease` is kept running.' })
  warmUntil!: Date | null;

  projectId!: string;
  agentId!: string | null;
  agentName!: string | null;
  agentConnected!: boolean;
  cpuCores!: number | null;
  memoryMib!: number | null;
  storageMib!: number | null;
  limitsState!: 'enforced' | 'not_enforced';
  givenVariables!: Record<string, string>;
  desired!: PlacedRelease[];
  observed!: Observed | null;
  releaseId!: string | null;
  warmReleaseId!: string | null;
}
