import { readlinkSync } from 'node:fs';
import { type EnvironmentRoutes, type Observed, type RoutedBackend, type RoutedEnvironment, RouteOptions } from '@slipway/protocol';
import { GRACE_MS } from '../sandbox/sandbox.js';
import type { EnvironmentState, InstanceRecord } from './environment-state.js';

/** Longer than the server has any release kept warm. */
const WHILE_WARM_MS = 24 * 60 * 60_000;
const PID_NAMESPACE = readlinkSync('/proc/self/ns/pid');

const NO_OPTIONS = RouteOptions.parse({});

/** What the router should do now: every healthy instance that is in the rotation. */
export function routesOf(state: EnvironmentState): EnvironmentRoutes {
  return {
    generation: state.desired.generation,
    port: state.desired.port,
    drainMs: cutAfterMs(state),
    options: NO_OPTIONS,
    unavailable: state.instances.some(({ weight }) => weight > 0) ? 'unhealthy' : 'nothing_deployed',
    backends: state.instances.filter((instance) => instance.state === 'healthy' && instance.weight > 0).map(backendOf),
  };
}

/**
 * The agent itself asks for what is left to be cut, after the drain time and the grace time; this is for the case that it can't. An instance
 * that is kept warm has not been told to stop yet: what is open there goes on until then.
 */
function cutAfterMs({ desired, releases }: EnvironmentState): number {
  const isWarm = desired.releases.some(({ weight, instances }) => weight === 0 && instances > 0);
  const drainMs = Math.max(0, ...Object.values(releases).map((release) => release.drainMs));
  return drainMs + GRACE_MS + (isWarm ? WHILE_WARM_MS : 0);
}

function backendOf({ releaseId, instanceId, port, weight, listener }: InstanceRecord): RoutedBackend {
  return {
    releaseId,
    instanceId,
    host: '127.0.0.1',
    port,
    weight,
    ...(listener && { listener: { ...listener, pidNamespace: PID_NAMESPACE } }),
  };
}

/** Whether the router still has these routes; it may have been replaced by one without them. */
export function isRouted(routes: EnvironmentRoutes, present: RoutedEnvironment | null): boolean {
  if (!present || present.generation !== routes.generation || present.port !== routes.port || present.unavailable !== routes.unavailable)
    return false;
  return JSON.stringify(present.backends) === JSON.stringify(routes.backends);
}

export function weightsOf(present: RoutedEnvironment | null): Observed['routed'] {
  const weights = new Map(present?.backends.map(({ releaseId, weight }) => [releaseId, weight]));
  return [...weights].map(([releaseId, weight]) => ({ releaseId, weight }));
}

/** Whether an instance may still be sent a request, or answers one that will end by itself. */
export function worksOnRequests({ backends, draining }: RoutedEnvironment, instanceId: string): boolean {
  if (backends.some((each) => each.instanceId === instanceId)) return true;
  return draining.some((each) => each.instanceId === instanceId && each.inFlight > each.streams);
}
