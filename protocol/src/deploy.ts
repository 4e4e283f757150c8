import { z } from 'zod';

export const HealthCheck = z.object({
  /** Requested with GET; 2xx and 3xx are healthy. */
  path: z.string(),
  intervalMs: z.number().int(),
  timeoutMs: z.number().int(),
  /** Time from start to the first success, after which a start has failed. */
  startupMs: z.number().int(),
  healthyAfter: z.number().int(),
  unhealthyAfter: z.number().int(),
});
export type HealthCheck = z.infer<typeof HealthCheck>;

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
  limits: z.object({ cpuCores: z.number().nullable(), memoryMib: z.number().int().nullable(), storageMib: z.number().int().nullable() }),
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
  /** Of these, how many within the last hour. Agents of before did not say. */
  recentRestarts: z.number().int().nonnegative().default(0),
  exitCode: z.number().int().nullable(),
  message: z.string().nullable(),
});
export type ObservedInstance = z.infer<typeof ObservedInstance>;

/** What the router counted for one release since it was first routed there. */
export const Traffic = z.object({
  releaseId: z.uuid(),
  served: z.number().int(),
  failed: z.number().int(),
  cut: z.number().int(),
  inFlight: z.number().int(),
});
export type Traffic = z.infer<typeof Traffic>;

/**
 * `observed`: what the agent sees. Sent at each change of an instance's or the routes' state, and at least every 10 s.
 * `converged`: the target equals `generation`. `failed`: it can't (a release didn't become healthy, a port is taken);
 * `error` says why, and what was serving before goes on serving.
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
  error: z.object({ code: z.string(), message: z.string(), releaseId: z.uuid().nullable() }).nullable(),
});
export type Observed = z.infer<typeof Observed>;

/** Where the deployment that moves this environment stands; null when none does. */
export const DeploymentProgress = z.object({
  deploymentId: z.uuid(),
  state: z.string(),
  /** A sentence for the log of the deploy job. */
  message: z.string().nullable(),
  /** Set once it is over; the deploy job's attempt then ends its log and reports `finished` with the same verdict. */
  verdict: z.enum(['succeeded', 'failed']).nullable(),
});
export type DeploymentProgress = z.infer<typeof DeploymentProgress>;

/**
 * Reply to `desired` and to `observed`. `desired` is null in a reply to `observed` when nothing newer than the
 * observed generation exists.
 */
export const ObservedReply = z.object({ desired: DesiredEnvironment.nullable(), deployment: DeploymentProgress.nullable() });
export type ObservedReply = z.infer<typeof ObservedReply>;
