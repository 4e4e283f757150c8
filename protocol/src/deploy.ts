import { z } from 'zod';

export const HealthCheck = z.object({
  /** Requested with GET; 2xx and 3xx are healthy. */
  path: z.string(),
  /** Value of the field `Host`; left out: the address that is asked. */
  host: z.string().optional(),
  intervalMs: z.number().int(),
  timeoutMs: z.number().int(),
  /** The time from the start to the first success; without one by then, the start has failed. */
  startupMs: z.number().int(),
  healthyAfter: z.number().int(),
  unhealthyAfter: z.number().int(),
});
export type HealthCheck = z.infer<typeof HealthCheck>;

/** What one instance may use; null: no limit. */
export const Limits = z.object({
  cpuCores: z.number().nullable(),
  memoryMib: z.number().int().nullable(),
  storageMib: z.number().int().nullable(),
});
export type Limits = z.infer<typeof Limits>;

/** One release as it should be on the target. */
export const DesiredRelease = z.object({
  releaseId: z.uuid(),
  /** Short name for people: the abbreviated commit. */
  version: z.string(),
  /** Share of the traffic, 0–100; the weights of a generation sum to 100 or to 0 (nothing served). 0 with `instances` ≥ 1: started, or kept warm. */
  weight: z.number().int().min(0).max(100),
  instances: z.number().int().min(0),
  artifact: z.object({ digest: z.string(), size: z.number().int() }),
  /** Shell text; `PORT` is in its environment. */
  start: z.string(),
  env: z.record(z.string(), z.string()),
  secrets: z.record(z.string(), z.string()),
  health: HealthCheck,
  drainMs: z.number().int(),
});
export type DesiredRelease = z.infer<typeof DesiredRelease>;

/**
 * The desired state of one environment. Level-triggered: applying it twice is harmless, and a smaller generation than
 * the last one applied is refused by the agent.
 */
export const DesiredEnvironment = z.object({
  environmentId: z.uuid(),
  project: z.string(),
  name: z.string(),
  generation: z.number().int(),
  /** Public port on which the router serves this environment. */
  port: z.number().int(),
  /** True: stop everything, free the port, delete the files. */
  deleted: z.boolean(),
  limits: Limits,
  releases: z.array(DesiredRelease),
  /** Bearer token for the artifacts of these releases. */
  token: z.string(),
});
export type DesiredEnvironment = z.infer<typeof DesiredEnvironment>;

export const Desired = z.object({ environmentId: z.uuid() });
export type Desired = z.infer<typeof Desired>;

export const InstanceState = z.enum(['starting', 'healthy', 'unhealthy', 'draining', 'stopped']);
export type InstanceState = z.infer<typeof InstanceState>;

export const ObservedInstance = z.object({
  instanceId: z.uuid(),
  releaseId: z.uuid(),
  state: InstanceState,
  port: z.number().int(),
  pid: z.number().int().nullable(),
  /** ISO 8601. */
  startedAt: z.string(),
  restarts: z.number().int(),
  /** How many of these were within the last hour. Older agents do not report it. */
  recentRestarts: z.number().int().nonnegative().default(0),
  exitCode: z.number().int().nullable(),
  message: z.string().nullable(),
  /** The limits that it runs with, which may be older than those of the environment. Older agents do not report them. */
  limits: Limits.nullable().default(null),
});
export type ObservedInstance = z.infer<typeof ObservedInstance>;

/**
 * Upper bounds of the latency histogram, in milliseconds, each included; a last bucket takes what is above. Latency is the time from the whole
 * request head to the first byte of the answer's head: waiting for a free instance, connecting, and the application's own work. Slow clients
 * don't count in it, and neither do web sockets.
 */
export const LATENCY_BOUNDS_MS = [
  1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1_000, 1_500, 2_000, 3_000,
  5_000, 10_000, 30_000, 60_000,
] as const;

const Count = z.number().int().nonnegative();

/** Why requests failed. Requests whose client left first are not counted here. */
export const Failures = z.object({
  /** No instance took the connection. */
  connect: Count,
  /** The application broke the connection before its answer was whole. */
  reset: Count,
  /** The application answered with 5xx. */
  application: Count,
  /** The router answered in the application's place: nothing came in time, or a limit was reached. */
  router: Count,
});
export type Failures = z.infer<typeof Failures>;

/**
 * What the router has counted for one release since it first had a route. Every finished request is in exactly one of `served`, `failed`, `cut` and
 * `aborted`.
 */
export const Traffic = z.object({
  releaseId: z.uuid(),
  /** The application's whole answer, below 500, reached the client. */
  served: Count,
  /** The sum of {@link Failures}. */
  failed: Count,
  /** The router ended it because its instance was taken away before it was done. */
  cut: Count,
  inFlight: Count,
  /** The client left before it had the whole answer. */
  aborted: Count.default(0),
  failures: Failures.default({ connect: 0, reset: 0, application: 0, router: 0 }),
  /** Bytes from clients and to them, heads included. */
  bytesIn: Count.default(0),
  bytesOut: Count.default(0),
  /** How many answers fell into each bucket of {@link LATENCY_BOUNDS_MS}; empty: none was measured. */
  latency: z
    .array(Count)
    .max(LATENCY_BOUNDS_MS.length + 1)
    .default([]),
});
export type Traffic = z.infer<typeof Traffic>;

/** The traffic of a release that has had no requests yet. */
export function noTraffic(releaseId: string): Traffic {
  return Traffic.parse({ releaseId, served: 0, failed: 0, cut: 0, inFlight: 0 });
}

/**
 * Codes of failures that the agent keeps trying to overcome and that say nothing about a deployment: the router is gone, or the agent's own machine
 * lacks something.
 */
export const ROUTER_UNREACHABLE = 'router_unreachable';
export const AGENT_TROUBLE = 'agent_trouble';

/** Something that an environment should have but does not. `releaseId` is null if it does not belong to a single release. */
export const DeployFailure = z.object({ code: z.string(), message: z.string(), releaseId: z.uuid().nullable() });
export type DeployFailure = z.infer<typeof DeployFailure>;

/**
 * `observed`: what the agent sees. It is sent whenever the state of an instance or of the routes changes, and at least every 10 s. `converged`: the
 * target matches `generation`. `failed`: it can't (a release did not become healthy, a port is taken); `failures` says why, and what served before
 * keeps serving. The failure of one release does not affect other releases.
 */
export const Observed = z.object({
  environmentId: z.uuid(),
  generation: z.number().int(),
  phase: z.enum(['converging', 'converged', 'failed']),
  instances: z.array(ObservedInstance),
  routed: z.array(z.object({ releaseId: z.uuid(), weight: z.number().int() })),
  traffic: z.array(Traffic),
  limits: z.enum(['enforced', 'not_enforced']),
  sandbox: z.enum(['sandboxed', 'unsandboxed']),
  /** The first of `failures`. */
  error: DeployFailure.nullable(),
  /** Each release at most once, and what is wrong with the routes. Older agents report only the first failure. */
  failures: z.array(DeployFailure).default([]),
});
export type Observed = z.infer<typeof Observed>;

/** The progress of the deployment that is changing this environment; null if there is none. */
export const DeploymentProgress = z.object({
  deploymentId: z.uuid(),
  state: z.string(),
  /** A sentence for the log of the deploy job. */
  message: z.string().nullable(),
  /** Set once the deployment is over; the attempt of the deploy job then ends its log and reports `finished` with the same verdict. */
  verdict: z.enum(['succeeded', 'failed']).nullable(),
});
export type DeploymentProgress = z.infer<typeof DeploymentProgress>;

/** The reply to `desired` and to `observed`. In a reply to `observed`, `desired` is null if nothing is newer than the observed generation. */
export const ObservedReply = z.object({ desired: DesiredEnvironment.nullable(), deployment: DeploymentProgress.nullable() });
export type ObservedReply = z.infer<typeof ObservedReply>;
