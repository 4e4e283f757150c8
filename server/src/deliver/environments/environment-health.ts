import { type DeployFailure, type InstanceState, type ObservedInstance, sentences } from '@slipway/protocol';
import { failuresIn, type PlacedRelease } from './environment.js';
import type { EnvironmentView } from './environment.queries.js';

export const HEALTH_STATES = {
  unknown: 'Its agent is not connected, so its health is not known.',
  unhealthy: "It should serve, but does not answer as it should, or can't be reached.",
  starting: 'It should serve, but has not answered yet.',
  degraded: 'It answers, but something could not be applied.',
  unstable: 'It answers, but was restarted several times within the last hour.',
  healthy: 'It answers.',
} as const;
export type HealthState = keyof typeof HEALTH_STATES;

/** The health of what serves, with what a person should know about it; `message` is null if there is nothing to say. */
export type Health = { state: HealthState; message: string | null };

type Seen = Pick<EnvironmentView, 'observed' | 'desired' | 'generation' | 'agentName' | 'agentConnected'>;

/** An application may end once and continue; from this many restarts on it is no longer an accident. */
const UNSTABLE_RESTARTS = 3;
const WORST_FIRST: InstanceState[] = ['unhealthy', 'starting', 'healthy'];

/** The health of what gets, or should get, the traffic; null: nothing should run. Without a recent observation it is never healthy. */
export function healthOf(environment: Seen): Health | null {
  const serving = environment.desired.find((placed) => placed.weight > 0);
  if (!serving) return null;
  if (!environment.agentConnected) return { state: 'unknown', message: notConnected(environment.agentName) };
  const health = healthOfInstances(environment, serving);
  const failures = problemsOf(environment).map((failure) => ({ ...failure, message: firstLineOf(failure.message) }));
  const own = failures.filter(({ releaseId }) => releaseId === null || releaseId === serving.releaseId);
  const all = [health.message, ...failures.map(({ message }) => message)].filter((each) => each !== null);
  const state = own.length > 0 ? worse(environment, health.state) : health.state;
  return { state, message: all.length > 1 ? sentences(...new Set(all)) : (all[0] ?? inItself(state)) };
}

/** If nothing says why it does not serve, the message only says that it does not. */
const inItself = (state: HealthState): string | null => (state === 'unhealthy' || state === 'starting' ? HEALTH_STATES[state] : null);

/** What its agent could not apply of the environment's desired state, whether a deployment is under way or not. */
export function problemsOf({ observed, generation }: Pick<Seen, 'observed' | 'generation'>): readonly DeployFailure[] {
  return observed?.generation === generation ? failuresIn(observed) : [];
}

/** A failure leaves what serves as it is. But if the environment gets no traffic, because another program has its port, nobody reaches it. */
function worse({ observed }: Seen, state: HealthState): HealthState {
  if (!observed?.routed.some(({ weight }) => weight > 0)) return 'unhealthy';
  return state === 'healthy' || state === 'unstable' ? 'degraded' : state;
}

function healthOfInstances(environment: Seen, serving: PlacedRelease): Health {
  const all = environment.observed?.instances ?? [];
  const instances = all.filter(({ releaseId, state }) => releaseId === serving.releaseId && state !== 'stopped');
  const isEnough = instances.filter(({ state }) => state === 'healthy').length >= serving.instances;
  // After a change of limits, an instance starts beside the one that it will replace.
  const counted = isEnough ? instances.filter(({ state }) => state !== 'starting') : instances;
  const worst = WORST_FIRST.find((state) => counted.some((instance) => instance.state === state));
  if (!worst) return nothingRuns(environment);
  if (worst !== 'healthy') return { state: worst === 'starting' ? 'starting' : 'unhealthy', message: messageOf(counted, worst) };
  const restarts = recentRestartsOf(counted);
  return {
    state: restarts >= UNSTABLE_RESTARTS ? 'unstable' : 'healthy',
    message: restarts > 0 ? `Restarted ${timesInTheLastHour(restarts)}` : null,
  };
}

/** It should run: either its agent has not got to it yet, or it tried and failed. */
function nothingRuns(environment: Seen): Health {
  const { observed, generation } = environment;
  const tried = observed?.generation === generation && observed.phase !== 'converging';
  if (!tried) return { state: 'starting', message: null };
  return { state: 'unhealthy', message: problemsOf(environment).length > 0 ? null : 'No instance of the release runs.' };
}

/** The rest is what an application printed last. */
const firstLineOf = (message: string): string => message.split('\n', 1)[0]?.replace(/ Its last output:$/, '') ?? '';

const notConnected = (agent: string | null) =>
  `Agent ${agent ?? 'of this environment'} is not connected, so nobody knows how the application is doing; it may well still be serving. Start the agent again, or look at its machine.`;

function messageOf(instances: readonly ObservedInstance[], state: InstanceState): string | null {
  const why = instances.find((instance) => instance.state === state && instance.message)?.message ?? null;
  const restarts = recentRestartsOf(instances);
  if (restarts === 0) return why;
  return why ? `${why}; restarted ${timesInTheLastHour(restarts)}` : `Restarted ${timesInTheLastHour(restarts)}`;
}

/** Older observations do not contain this count. */
const recentRestartsOf = (instances: readonly ObservedInstance[]): number =>
  instances.reduce((sum, instance) => sum + (instance.recentRestarts ?? 0), 0);

const timesInTheLastHour = (count: number) => `${count === 1 ? 'once' : `${count} times`} in the last hour`;
