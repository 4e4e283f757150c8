import { z } from 'zod';
import { DesiredEnvironment } from './deploy.js';
import { JOB_KINDS } from './job-kind.js';

/** The message on `jobs.<agent>`: only an id; the agent asks for the rest with `accept`. */
export const JobOffer = z.object({ attempt: z.uuid() });
export type JobOffer = z.infer<typeof JobOffer>;

/** `accept`: refused unless the offer was made to this process of the agent, see `hello`. */
export const Accept = z.object({ attempt: z.uuid(), process: z.uuid().optional() });
export type Accept = z.infer<typeof Accept>;

export const WorkStep = z.object({
  name: z.string(),
  /** A script for `shell`. */
  run: z.string(),
  /** `bash`, `sh`, or a command line with `{0}` where the path of the script goes; null: bash where the agent has it. */
  shell: z.string().nullable().default(null),
  env: z.record(z.string(), z.string()),
  /** Relative to the workspace; never leaves it. */
  workingDirectory: z.string(),
});
export type WorkStep = z.infer<typeof WorkStep>;

export const Checkout = z.object({
  /** The path below the server's address as the agent knows it. It is fetched with the user `job` and the work's token as password. */
  path: z.string(),
  repositoryId: z.uuid(),
  sha: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
  ref: z.string(),
  /**
   * Jobs of the same repository and class may start with the files that an earlier one left. null: the job starts with the files of the commit only,
   * and leaves none.
   */
  trustClass: z.string().nullable().default(null),
  /** Identifies the current state of branches and tags: they have not moved since another work message had the same value. null: not known. */
  refs: z.string().nullable().default(null),
  /** The repository's address at its code host; null: Slipway hosts it at `path`. */
  remoteUrl: z.string().nullable().default(null),
  defaultBranch: z.string().nullable().default(null),
});
export type Checkout = z.infer<typeof Checkout>;

/** An archive (tar, zstd) in the blob store. `digest` is the SHA-256 of the compressed bytes, in hex. */
export const ArtifactRef = z.object({ name: z.string(), digest: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int() });
export type ArtifactRef = z.infer<typeof ArtifactRef>;

export const JobLimits = z.object({
  cpuCores: z.number().positive().nullable(),
  memoryMib: z.number().int().positive().nullable(),
  processes: z.number().int().positive().nullable(),
  /** Watched, not enforced. Left out by older servers. */
  diskMib: z.number().int().positive().nullable().optional(),
});
export type JobLimits = z.infer<typeof JobLimits>;

/** The reply to `accept`: everything that this attempt needs, given once to the agent that holds the lease. */
export const Work = z.object({
  attempt: z.uuid(),
  /** Grows with each attempt of the installation; it fences off whatever an earlier holder still sends. */
  number: z.number().int(),
  /** Base64; key of the MAC on reports and log chunks. */
  key: z.string(),
  /** Bearer token for HTTP, good as long as the lease is held. */
  token: z.string(),
  kind: z.enum(JOB_KINDS),
  jobId: z.uuid(),
  jobName: z.string(),
  runId: z.uuid(),
  runNumber: z.number().int(),
  project: z.string(),
  /** How much of the job's time was left when the attempt was accepted; the server enforces it too. */
  timeoutMs: z.number().int(),
  checkout: Checkout.nullable(),
  /** Unpacked into the workspace before the first step. */
  needs: z.array(ArtifactRef),
  env: z.record(z.string(), z.string()),
  /** Environment variables whose values are masked in the log. */
  secrets: z.record(z.string(), z.string()),
  steps: z.array(WorkStep),
  artifacts: z.array(z.object({ name: z.string(), paths: z.array(z.string()).min(1) })),
  reports: z.object({ tests: z.array(z.string()) }),
  limits: JobLimits,
  log: z.object({ maxLineBytes: z.number().int(), maxBytes: z.number().int() }),
  /** For kind `deploy` (steps are empty): the deployment, and the environment's desired state at this moment. */
  deploy: z.object({ deploymentId: z.uuid(), desired: DesiredEnvironment }).nullable(),
});
export type Work = z.infer<typeof Work>;

export const TestCaseResult = z.object({
  suite: z.string(),
  name: z.string(),
  file: z.string().nullable(),
  state: z.enum(['passed', 'failed', 'skipped']),
  durationMs: z.number().nullable(),
  message: z.string().nullable(),
  /** Stack or captured output, at most 64 KiB. */
  output: z.string().nullable(),
});
export type TestCaseResult = z.infer<typeof TestCaseResult>;

/** A report with a higher count is made up. */
const Count = z.number().int().min(0).max(1_000_000_000);
export const TestCounts = z.object({ passed: Count, failed: Count, skipped: Count });
export type TestCounts = z.infer<typeof TestCounts>;

/**
 * How an attempt ended. `reason` is a stable code, `message` a sentence for people. `error` is a fault of the agent (infrastructure), not of the job:
 * the job may be tried again elsewhere.
 */
export const Outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('passed') }),
  z.object({
    kind: z.literal('failed'),
    reason: z.string(),
    message: z.string(),
    step: z.string().nullable(),
    exitCode: z.number().int().nullable(),
  }),
  z.object({ kind: z.literal('stopped'), reason: z.string() }),
  z.object({ kind: z.literal('timed_out') }),
  z.object({ kind: z.literal('error'), reason: z.string(), message: z.string() }),
]);
export type Outcome = z.infer<typeof Outcome>;

export const AttemptEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('step_started'), index: z.number().int(), name: z.string(), line: z.number().int() }),
  z.object({
    kind: z.literal('step_finished'),
    index: z.number().int(),
    exitCode: z.number().int().nullable(),
    durationMs: z.number().int(),
  }),
  /** `onlyCounted`: further cases that are only counted. */
  z.object({ kind: z.literal('tests'), cases: z.array(TestCaseResult).max(200), onlyCounted: TestCounts.optional() }),
  /** The last event of an attempt. `lastChunk` is the number of its last log chunk, so the outcome can't overtake the log; −1: no log. */
  z.object({ kind: z.literal('finished'), outcome: Outcome, lastChunk: z.number().int(), lines: z.number().int() }),
]);
export type AttemptEvent = z.infer<typeof AttemptEvent>;

/**
 * `report`: one event of an attempt. `n` counts an attempt's reports from 0 without a gap; the server answers a
 * repeated `n` with success and does nothing, refuses a gap, and refuses a wrong MAC or an attempt whose lease is gone.
 */
export const Report = z.object({ attempt: z.uuid(), number: z.number().int(), n: z.number().int(), mac: z.string(), event: AttemptEvent });
export type Report = z.infer<typeof Report>;

export const Reported = z.object({ ok: z.literal(true) });
export type Reported = z.infer<typeof Reported>;
