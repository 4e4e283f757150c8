import type { InstanceState, ObservedInstance } from '@slipway/protocol';
import type { EnvironmentView } from './environment.queries.js';

export const HEALTH_STATES = {
  unknown: 'Its agent is not connected, so nobody knows how it is doing.',
  unhealthy: 'It should serve, but does not answer as it should.',
  starting: 'It should serve, but has not answered yet.',
  unstable: 'It answers, but was restarted several times within the last hour.',
  healthy: 'It answers.',
} as const;
export type HealthState = keyof typeof HEALTH_STATES;

/** How what serves is doing, with what a person should know of it; `message` is null when there is nothing to say. */
export type Health = { state: HealthState; message: string | null };

type Seen = Pick<EnvironmentView, 'observed' | 'desired' | 'generation' | 'agentName' | 'agentConnected'>;

/** An application may end once and go on; from here on it is no accident. */
const UNSTABLE_RESTARTS = 3;
const WORST_FIRST: InstanceState[] = ['unhealthy', 'starting', 'healthy'];

/** Of what has, or should have, the traffic; null: nothing should run. What nobody has seen lately is never called healthy. */
export function healthOf(environment: Seen): Health | null {
  const serving = environment.desired.find((placed) => placed.weight > 0);
  if (!serving) return null;
  if (!environment.agentConnected) return { state: 'unknown', message: notConnected(environment.agentName) };
  const { observed } = environment;
  const instances = observed?.instances.filter((instance) => instance.releaseId === serving.releaseId) ?? [];
  const worst = WORST_FIRST.find((state) => instances.some((instance) => instance.state === state));
  if (!worst) return nothingRuns(environment);
  if (worst !== 'healthy') return told(worst === 'starting' ? 'starting' : 'unhealthy', messageOf(instances, worst));
  const restarts = recentRestartsOf(instances);
  return { state: restarts >= UNSTABLE_RESTARTS ? 'unstable' : 'healthy', message: restartsOf(restarts) };
}

/** It was told to run: either its agent has not come to it yet, or it tried in vain. */
function nothingRuns({ observed, generation }: Seen): Health {
  const tried = observed?.generation === generation && observed.phase !== 'converging';
  if (!tried) return told('starting', null);
  return { state: 'unhealthy', message: observed.error?.message ?? 'No instance of the release runs.' };
}

/** Where nobody says why it does not serve, that it does not is what there is to say. */
const told = (state: 'starting' | 'unhealthy', message: string | null): Health => ({ state, message: message ?? HEALTH_STATES[state] });

const notConnected = (agent: string | null) =>
  `Agent ${agent ?? 'of this environment'} is not connected, so nobody knows how the application is doing; it may well still be serving. Start the agent again, or look at its machine.`;

function messageOf(instances: readonly ObservedInstance[], state: InstanceState): string | null {
  const why = instances.find((instance) => instance.state === state && instance.message)?.message ?? null;
  return [why, restartsOf(recentRestartsOf(instances))].filter((each) => each !== null).join('; ') || null;
}

/** Observations of before this was counted are kept without it. */
const recentRestartsOf = (instances: readonly ObservedInstance[]): number =>
  instances.reduce((sum, instance) => sum + (instance.recentRestarts ?? 0), 0);

function restartsOf(count: number): string | null {
  if (count === 0) return null;
  return `restarted ${count === 1 ? 'once' : `${count} times`} in the last hour`;
}
