import { z } from 'zod';
import { JOB_KINDS } from './job-kind.js';

/** A reply is either the verb's answer or a refusal. `retry` says whether sending the same request again can help. */
export const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string(), retry: z.boolean() }) });
export type Refusal = z.infer<typeof Refusal>;

export const AgentRole = z.enum(JOB_KINDS);
export type AgentRole = z.infer<typeof AgentRole>;

/** How jobs are isolated: `sandboxed` (own user, namespaces) or `unsandboxed`, with a sentence for people. */
export const SandboxFacts = z.object({
  mode: z.enum(['sandboxed', 'unsandboxed']),
  /** Whether CPU, memory and process limits are applied by cgroups. */
  limits: z.enum(['enforced', 'not_enforced']),
  /** `isolated`: the host and private networks are out of reach; `host`: the host's own network. */
  network: z.enum(['isolated', 'host']),
  /** Whether the agent accepts jobs with code of strangers. Older agents leave it out and do not isolate such code well enough. */
  untrusted: z.boolean().default(false),
  /** What a job may use here. The disk is watched, not enforced. Older agents leave it out. */
  jobLimits: z.object({ cpuCores: z.number(), memoryMib: z.number(), processes: z.number(), diskMib: z.number() }).optional(),
  /** What this machine lacks and what to install, for the Agents page; empty if nothing is missing. */
  notes: z.array(z.string()),
});
export type SandboxFacts = z.infer<typeof SandboxFacts>;

/** `hello`: the first request of a connection. The agent sends it again whenever what it offers has changed. */
export const Hello = z.object({
  version: z.string(),
  roles: z.array(AgentRole).min(1),
  tags: z.array(z.string()),
  slots: z.number().int().min(0),
  hostname: z.string(),
  platform: z.string(),
  sandbox: SandboxFacts,
  /** A new id at each start of the agent process; work that was given to an earlier process is lost. Older agents leave it out. */
  process: z.uuid().optional(),
  /** Attempts that this process holds from before a reconnect. */
  holding: z.array(z.uuid()),
});
export type Hello = z.infer<typeof Hello>;

export const Welcome = z.object({
  leaseMs: z.number().int(),
  renewEveryMs: z.number().int(),
  /** The environments on this agent, each with the generation to apply. */
  environments: z.array(z.object({ environmentId: z.uuid(), generation: z.number().int() })),
});
export type Welcome = z.infer<typeof Welcome>;

export const Load = z.object({
  /** 1-minute load average over the number of cores. */
  cpu: z.number(),
  /** Bytes. */
  memoryUsed: z.number(),
  memoryTotal: z.number(),
  diskFree: z.number(),
});
export type Load = z.infer<typeof Load>;

/** `renew`: sent every `renewEveryMs`, one request for all attempts of an agent. */
export const Renew = z.object({
  attempts: z.array(z.object({ attempt: z.uuid(), number: z.number().int() })),
  load: Load,
});
export type Renew = z.infer<typeof Renew>;

export const Renewed = z.object({
  attempts: z.array(
    z.object({
      attempt: z.uuid(),
      /** False: the lease is gone (lost, cancelled, ended); stop the work and report nothing more for it. */
      held: z.boolean(),
      /** Set: stop this attempt and report `stopped`. */
      cancel: z.string().nullable(),
      /**
       * Log chunks up to and including this number are sealed and may be deleted from the spool; −1: none; {@link LOG_COMPLETE}: the server wants
       * nothing more of the log.
       */
      sealedThrough: z.number().int(),
      /** Set: publish log chunks again from this number. */
      resendFrom: z.number().int().nullable(),
    }),
  ),
  environments: z.array(z.object({ environmentId: z.uuid(), generation: z.number().int() })),
});
export type Renewed = z.infer<typeof Renewed>;

/** Server → agent on `control.<agent>`. Each may arrive twice or never. */
export const ControlMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cancel'), attempt: z.uuid(), reason: z.string() }),
  z.object({ kind: z.literal('sealed'), attempt: z.uuid(), through: z.number().int() }),
  z.object({ kind: z.literal('resend'), attempt: z.uuid(), from: z.number().int() }),
  /** Ask for `desired` now. It is also sent without a new generation when the deployment has ended, because the reply says how. */
  z.object({ kind: z.literal('apply'), environmentId: z.uuid(), generation: z.number().int() }),
  z.object({ kind: z.literal('drain') }),
]);
export type ControlMessage = z.infer<typeof ControlMessage>;
