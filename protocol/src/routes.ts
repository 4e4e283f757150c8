import { z } from 'zod';
import { Traffic } from './deploy.js';

/**
 * What deploy agents and the router say to each other: JSON over HTTP on the router's Unix socket.
 *   PUT    /environments/<id>   {@link EnvironmentRoutes} → {@link RoutedEnvironment}. Level-triggered: saying the same
 *                               again changes nothing, a smaller generation is refused with 409 `stale_generation`,
 *                               a port that something else holds with 409 `port_in_use`,
 *                               host and path that another environment has there with 409 `address_in_use`.
 *   GET    /environments[/<id>] → {@link RoutedEnvironment} (or a list of them); 404 `not_routed`.
 *   DELETE /environments/<id>   → 204, also when there was nothing. The port is free once this is answered.
 *   DELETE /environments/<id>/instances/<instanceId>   Cuts what an instance that is listed no more still works on → 204, also
 *                               when there was nothing; 409 `still_routed` for one that is listed.
 * Refusals are {@link RouterRefusal}.
 */
export const RoutedBackend = z.object({
  releaseId: z.uuid(),
  instanceId: z.uuid(),
  /** An address, because HAProxy would not start with a name that can't be resolved. */
  host: z.union([z.ipv4(), z.ipv6()]),
  port: z.number().int().min(1).max(65535),
  /**
   * Share of the release that this instance belongs to, in percent; the same on all backends of one release. 0: only what is sent to the release by
   * name ({@link RouteOptions}).
   */
  weight: z.number().min(0).max(100),
  /**
   * The process that listens on the port: once it has ended, the port may be another's. `startTime`: in clock ticks since boot;
   * `pidNamespace`: where the number means it, as `/proc/self/ns/pid` says; a router elsewhere can't look.
   */
  listener: z.object({ pid: z.number().int(), startTime: z.number().int(), pidNamespace: z.string() }).optional(),
});
export type RoutedBackend = z.infer<typeof RoutedBackend>;

/** Only characters that HAProxy's configuration reads as a single word. */
const Word = z.string().regex(/^[A-Za-z0-9!#$&*+.^_|~-]{1,100}$/);

export const RouteOptions = z.object({
  /**
   * Environments may share a port: each with host names or path prefixes gets what matches them, longer paths first; one without both gets everything
   * else. `*.example.org` matches each subdomain. The path is passed on whole.
   */
  hosts: z
    .array(z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/))
    .max(100)
    .default([]),
  paths: z
    .array(z.string().regex(/^\/[A-Za-z0-9._~/-]*$/))
    .max(100)
    .default([]),
  /** Served over TLS (HTTP/2 and HTTP/1.1): certificate chains with their keys, in PEM. The name that the client asks for chooses. */
  certificates: z.array(z.string().max(100_000)).max(100).default([]),
  /** Requests whose header or cookie has this value go to that release, even if its weight is 0. */
  picks: z
    .array(z.object({ from: z.enum(['header', 'cookie']), name: Word, value: Word, releaseId: z.uuid() }))
    .max(20)
    .default([]),
  /**
   * `release`: a client stays with the release that first served it while that is listed, even with weight 0; `instance`: a client stays with the
   * instance. The router uses a cookie of its own for this.
   */
  sticky: z.enum(['no', 'release', 'instance']).default('no'),
  /** Longer bodies are refused, and so are bodies without a declared length. */
  maxBodyBytes: z.number().int().positive().nullable().default(null),
  /** Per client address (IPv6: per network of 64 bits); further requests are answered with 429. */
  maxRequestsPerSecond: z.number().int().positive().nullable().default(null),
  /** At the same time, per instance; further requests wait in a queue. */
  maxConcurrent: z.number().int().positive().nullable().default(null),
  maxQueueMs: z.number().int().positive().max(3_600_000).default(30_000),
  /** A sentence for people. If it is set, every request is answered with 503 and this sentence. */
  maintenance: z.string().max(500).nullable().default(null),
  /** Writes each request as a line of JSON to `access/<environment id>.jsonl` in the router's folder. */
  accessLog: z.boolean().default(false),
});
export type RouteOptions = z.infer<typeof RouteOptions>;

export const EnvironmentRoutes = z.object({
  generation: z.number().int().min(0),
  /** Public port. */
  port: z.number().int().min(1).max(65535),
  /** Releases and instances that are no longer listed get no new requests; their requests in flight have this long to finish. */
  drainMs: z.number().int().min(0),
  /** Healthy instances that get traffic. Empty: the environment answers 503. */
  backends: z
    .array(RoutedBackend)
    .refine((all) => new Set(all.map(({ instanceId }) => instanceId)).size === all.length, 'Each instance may be listed once.'),
  /** The reason that people see while `backends` is empty. */
  unavailable: z.enum(['nothing_deployed', 'unhealthy']).default('nothing_deployed'),
  options: RouteOptions.prefault({}),
});
export type EnvironmentRoutes = z.infer<typeof EnvironmentRoutes>;

export const RoutedEnvironment = EnvironmentRoutes.extend({
  environmentId: z.uuid(),
  /** Every release that had a route recently, including the current ones. */
  traffic: z.array(Traffic),
  /**
   * Instances that are no longer listed but still work on something: `inFlight` counts everything, `streams` the part that need not end by itself
   * (web sockets and other upgraded connections, event streams).
   */
  draining: z.array(
    z.object({ instanceId: z.uuid(), releaseId: z.uuid(), inFlight: z.number().int(), streams: z.number().int().default(0) }),
  ),
});
export type RoutedEnvironment = z.infer<typeof RoutedEnvironment>;

export const RouterRefusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
export type RouterRefusal = z.infer<typeof RouterRefusal>;
