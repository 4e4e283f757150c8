import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { AgentRole, shorten } from '@slipway/protocol';
import { z } from 'zod';
import type { LimitSettings } from './job/job-limits.js';
import { parseNetwork } from './sandbox/closed-networks.js';
import type { ArchiveBounds } from './workspace-program/messages.js';

/** The most entries in one artifact. */
const MAX_ENTRIES = 500_000;

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

const Environment = z.object({
  SLIPWAY_SERVER_URL: z.url('must be the address of the server, such as http://localhost:4000'),
  SLIPWAY_AGENT_DIR: z.string().min(1).default('.slipway-agent'),
  SLIPWAY_ENROLMENT_FILE: z.string().optional(),
  SLIPWAY_ENROLMENT_TOKEN: z.string().optional(),
  SLIPWAY_AGENT_NAME: z.string().default(hostname()),
  SLIPWAY_AGENT_SLOTS: z.coerce
    .number()
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(100, 'must be at most 100')
    .default(2),
  SLIPWAY_AGENT_ROLES: z
    .string()
    .default('build,test,deploy')
    .transform(list)
    .pipe(z.array(AgentRole).min(1, 'must name at least one of build, test and deploy')),
  SLIPWAY_AGENT_TAGS: z.string().default('').transform(list),
  SLIPWAY_ROUTER_SOCKET: z.string().optional(),
  SLIPWAY_JOB_ENV: z.string().default('').transform(list),
  SLIPWAY_OPEN_NETWORKS: z
    .string()
    .default('')
    .transform(list)
    .refine(
      (networks) => networks.every((network) => parseNetwork(network) !== null),
      'must be IPv4 addresses and networks such as 10.1.0.0/16',
    ),
  SLIPWAY_JOB_CPU_CORES: z.coerce.number().min(0.1, 'must be at least 0.1').optional(),
  SLIPWAY_JOB_MEMORY_MIB: z.coerce.number().int('must be a whole number').min(64, 'must be at least 64').optional(),
  SLIPWAY_JOB_PROCESSES: z.coerce.number().int('must be a whole number').min(16, 'must be at least 16').optional(),
  SLIPWAY_JOB_DISK_MIB: z.coerce.number().int('must be a whole number').min(64, 'must be at least 64').optional(),
  SLIPWAY_NESTED_SANDBOXES: z.enum(['denied', 'allowed'], 'must be denied or allowed').default('denied'),
  SLIPWAY_SANDBOX: z.enum(['wanted', 'required'], 'must be wanted or required').default('wanted'),
  SLIPWAY_UNTRUSTED_JOBS: z.enum(['isolated', 'allowed'], 'must be isolated or allowed').default('isolated'),
  SLIPWAY_KEPT_CHECKOUTS: z.coerce
    .number()
    .int('must be a whole number')
    .min(0, 'must be at least 0')
    .max(100, 'must be at most 100')
    .default(3),
  SLIPWAY_MAX_UNPACKED_MIB: z.coerce
    .number()
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(1_000_000, 'must be at most 1000000')
    .default(2_048),
  SLIPWAY_FIRST_UID: z.coerce.number().int().min(1_000).max(4_000_000_000).optional(),
  SLIPWAY_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

export type Config = {
  serverUrl: string;
  dir: string;
  /** A one-time token, or the file in which one will appear. */
  enrolment: { token?: string; file?: string };
  name: string;
  slots: number;
  roles: AgentRole[];
  tags: string[];
  /** Where the router beside this agent listens; without it there is nothing to deploy to. */
  routerSocket: string | null;
  /** Names of variables that jobs get from the agent's environment. */
  jobEnv: string[];
  /** Networks that jobs and applications can reach although they are not public. */
  openNetworks: string[];
  /** Whether this agent accepts jobs with code of strangers even if it can't isolate them. */
  takesUntrusted: boolean;
  /** Whether jobs may make user namespaces, and so containers, of their own. */
  nesting: boolean;
  /** Whether the agent refuses to start if the machine can't isolate jobs. */
  requiresSandbox: boolean;
  /** Limits of a job that differ from the defaults for this machine. */
  jobLimits: LimitSettings;
  /** How many earlier checkouts each slot keeps for later jobs. */
  keptCheckouts: number;
  /** The bounds for the content of one artifact. */
  archiveBounds: ArchiveBounds;
  firstUid?: number;
  logLevel: string;
};

/** @throws Error naming each variable that doesn't fit, and why. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = Environment.safeParse(env);
  if (!parsed.success)
    throw new Error(
      `The agent can't start:\n${parsed.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`).join('\n')}`,
    );
  const values = parsed.data;
  return {
    serverUrl: values.SLIPWAY_SERVER_URL,
    dir: resolve(values.SLIPWAY_AGENT_DIR),
    enrolment: { token: values.SLIPWAY_ENROLMENT_TOKEN, file: values.SLIPWAY_ENROLMENT_FILE },
    name: nameOf(values.SLIPWAY_AGENT_NAME),
    slots: values.SLIPWAY_AGENT_SLOTS,
    roles: values.SLIPWAY_AGENT_ROLES.filter((role) => role !== 'deploy' || values.SLIPWAY_ROUTER_SOCKET !== undefined),
    tags: values.SLIPWAY_AGENT_TAGS,
    routerSocket: values.SLIPWAY_ROUTER_SOCKET ?? null,
    jobEnv: values.SLIPWAY_JOB_ENV,
    openNetworks: values.SLIPWAY_OPEN_NETWORKS,
    jobLimits: {
      cpuCores: values.SLIPWAY_JOB_CPU_CORES,
      memoryMib: values.SLIPWAY_JOB_MEMORY_MIB,
      processes: values.SLIPWAY_JOB_PROCESSES,
      diskMib: values.SLIPWAY_JOB_DISK_MIB,
    },
    nesting: values.SLIPWAY_NESTED_SANDBOXES === 'allowed',
    requiresSandbox: values.SLIPWAY_SANDBOX === 'required',
    takesUntrusted: values.SLIPWAY_UNTRUSTED_JOBS === 'allowed',
    keptCheckouts: values.SLIPWAY_KEPT_CHECKOUTS,
    archiveBounds: { entries: MAX_ENTRIES, bytes: values.SLIPWAY_MAX_UNPACKED_MIB * 1024 ** 2 },
    firstUid: values.SLIPWAY_FIRST_UID,
    logLevel: values.SLIPWAY_LOG_LEVEL,
  };
}

/** Makes a name that the server accepts: letters, digits, dots and hyphens. */
const nameOf = (text: string): string => shorten(text.replace(/[^a-zA-Z0-9.-]/g, '-').replace(/^[.-]+/, ''), 63) || 'agent';
