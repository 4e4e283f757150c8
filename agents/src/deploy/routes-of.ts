import { readlinkSync } from 'node:fs';
import type { EnvironmentRoutes, Observed, RoutedBackend, RoutedEnvironment } from '@slipway/protocol';
import type { EnvironmentState, InstanceRecord } from './environment-state.js';

const PID_NAMESPACE = readlinkSync('/proc/self/ns/pid');

/** What the router should do now: every healthy instance that is in the rotation. */
export function routesOf(state: EnvironmentState): EnvironmentRoutes {
  return {
    generation: state.desired.generation,
    port: state.desired.port,
    drainMs: Math.max(0, ...Object.values(state.releases).map(({ drainMs }) => drainMs)),
    unavailable: state.instances.some(({ weight }) => weight > 0) ? 'unhealthy' : 'nothing_deployed',
    backends: state.instances.filter((instance) => instance.state === 'healthy' && instance.weight > 0).map(backendOf),
  };
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

/** Whether the router still has what it was told; it may have been replaced by one that knows less. */
export function isRouted(routes: EnvironmentRoutes, present: RoutedEnvironment | null): boolean {
  if (!present || present.generation !== routes.generation || present.port !== routes.port || present.unavailable !== routes.unavailable)
    return false;
  return JSON.stringify(present.backends) === JSON.stringify(routes.backends);
}

export function weightsOf(present: RoutedEnvironment | null): Observed['routed'] {
  const weights = new Map(present?.backends.map(({ releaseId, weight }) => [releaseId, weight]));
  return [...weights].map(([releaseId, weight]) => ({ releaseId, weight }));
}
