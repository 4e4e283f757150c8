import { z } from 'zod';
import { Traffic } from './deploy.js';

/**
 * What deploy agents and the router say to each other: JSON over HTTP on the router's Unix socket.
 *   PUT    /environments/<id>   {@link EnvironmentRoutes} → {@link RoutedEnvironment}. Level-triggered: saying the same
 *                               again changes nothing, a smaller generation is refused with 409 `stale_generation`,
 *                               a port that something else holds with 409 `port_in_use`.
 *   GET    /environments[/<id>] → {@link RoutedEnvironment} (or a list of them); 404 `not_routed`.
 *   DELETE /environments/<id>   → 204, also when there was nothing. The port is free once this is answered.
 *   DELETE /environments/<id>/instances/<instanceId>   Cuts what an instance that is listed no more still works on → 204, also
 *                               when there was nothing; 409 `still_routed` for one that is listed.
 * Refusals are {@link RouterRefusal}.
 */
export const RoutedBackend = z.object({
  releaseId: z.uuid(),
  instanceId: z.uuid(),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65535),
  /** Share of the release that this instance belongs to; the same on all backends of one release. */
  weight: z.number().int().min(1).max(100),
  /**
   * The process that listens on the port: once it has ended, the port may be another's. `startTime`: in clock ticks since boot;
   * `pidNamespace`: where the number means it, as `/proc/self/ns/pid` says; a router elsewhere can't look.
   */
  listener: z.object({ pid: z.number().int(), startTime: z.number().int(), pidNamespace: z.string() }).optional(),
});
export type RoutedBackend = z.infer<typeof RoutedBackend>;

export const EnvironmentRoutes = z.object({
  generation: z.number().int().min(0),
  /** Public port. */
  port: z.number().int().min(1).max(65535),
  /** What no backend is listed for is served no new request; requests in flight there have this long to finish. */
  drainMs: z.number().int().min(0),
  /** Healthy instances that get traffic. Empty: the environment answers 503. */
  backends: z.array(RoutedBackend),
  /** What people are told while `backends` is empty. */
  unavailable: z.enum(['nothing_deployed', 'unhealthy']).default('nothing_deployed'),
});
export type EnvironmentRoutes = z.infer<typeof EnvironmentRoutes>;

export const RoutedEnvironment = EnvironmentRoutes.extend({
  environmentId: z.uuid(),
  /** Every release that was routed lately, the present ones included. */
  traffic: z.array(Traffic),
  /**
   * Instances that are listed no more and still work on something: `inFlight` counts all of it, `streams` the part that need not end by
   * itself (web sockets and other upgraded connections, event streams).
   */
  draining: z.array(
    z.object({ instanceId: z.uuid(), releaseId: z.uuid(), inFlight: z.number().int(), streams: z.number().int().default(0) }),
  ),
});
export type RoutedEnvironment = z.infer<typeof RoutedEnvironment>;

export const RouterRefusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
export type RouterRefusal = z.infer<typeof RouterRefusal>;
