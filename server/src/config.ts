import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { isAllowEntry } from './platform/outbound-addresses.js';

/** Everything the server takes from its environment. Read once, at start; nothing else reads `process.env`. */
export type Config = z.output<typeof SCHEMA>;

type Environment = Record<string, string | undefined>;

const WHICH_PORTS = 'must be the first and the last port for environments, within 1024 and 24999, as in 20000-20099';
const DEFAULT_WEB_DIR = join(fileURLToPath(new URL('../..', import.meta.url)), 'web', 'dist');

const path = (what: string) =>
  z
    .string(`is missing: ${what}`)
    .min(1, `is empty: ${what}`)
    .transform((value) => resolve(value));
const url = (schemes: string[], example: string) =>
  z.string(`is missing; it looks like ${example}`).refine((value) => hasScheme(value, schemes), `is not a URL like ${example}`);
const onOff = z.enum(['on', 'off'], 'must be "on" or "off"').transform((value) => value === 'on');
const proxies = z
  .stringFormat('number of proxies', /^(on|off|\d)$/, 'must be the number of proxies in front of Slipway, 0 to 9 ("on" is 1, "off" is 0)')
  .transform((value) => (value === 'on' ? 1 : value === 'off' ? 0 : Number(value)));
const allowList = z
  .string()
  .transform((value) =>
    value
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
  )
  .refine((entries) => entries.every(isAllowEntry), 'must be host names, addresses and networks, as in git.example,10.1.0.0/16');
const portRange = z
  .stringFormat('range of ports', /^\d{4,5}-\d{4,5}$/, WHICH_PORTS)
  .transform((value) => value.split('-').map(Number))
  .transform(([first = 0, last = 0]) => ({ first, last }))
  .refine(({ first, last }) => first >= 1024 && first <= last && last <= 24_999, WHICH_PORTS);
const secret = z.string().min(20, 'is too short to be safe: use at least 20 random characters').max(200, 'is longer than 200 characters');

const SCHEMA = z
  .object({
    PORT: z.coerce
      .number('must be a number')
      .int('must be a whole number')
      .min(1, 'must be 1 to 65535')
      .max(65_535, 'must be 1 to 65535')
      .default(4000),
    SLIPWAY_HOST: z.string().min(1, 'is empty; leave it out for every network interface').default('0.0.0.0'),
    SLIPWAY_PUBLIC_URL: url(['http:', 'https:'], 'https://ci.example').optional(),
    SLIPWAY_TRUST_PROXY: proxies.default(0),
    SLIPWAY_HSTS: onOff.default(true),
    SLIPWAY_DATA_DIR: path("the server's own folder"),
    SLIPWAY_WEB_DIR: path('the folder of the built page').default(DEFAULT_WEB_DIR),
    DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/slipway'),
    NATS_URL: url(['nats:', 'tls:', 'ws:', 'wss:'], 'nats://host:4222'),
    SLIPWAY_NATS_FILE: path("the file with the NATS account's seeds"),
    SLIPWAY_SECRET_KEY_FILE: path('the file with the 32 random bytes that encrypt secrets'),
    SLIPWAY_EMBEDDED_AGENT_FILE: path('where to leave the enrolment token of the local agent').optional(),
    SLIPWAY_ADMIN_TOKEN: secret.optional(),
    SLIPWAY_METRICS_TOKEN: secret.optional(),
    SLIPWAY_SAMPLE: onOff.default(true),
    SLIPWAY_GIT_ALLOW: allowList.default([]),
    SLIPWAY_ENVIRONMENT_PORTS: portRange.default({ first: 20_000, last: 24_999 }),
    SLIPWAY_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error'], 'must be trace, debug, info, warn or error').default('info'),
    NODE_ENV: z.string().optional(),
  })
  .transform((env) => ({
    port: env.PORT,
    host: env.SLIPWAY_HOST,
    /** As people reach this server, without a slash at the end; null: as each request addressed it. */
    publicUrl: env.SLIPWAY_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    /** How many proxies stand in front, whose X-Forwarded-* headers are believed; 0: none. */
    trustedProxies: env.SLIPWAY_TRUST_PROXY,
    hsts: env.SLIPWAY_HSTS,
    dataDir: env.SLIPWAY_DATA_DIR,
    webDir: env.SLIPWAY_WEB_DIR,
    databaseUrl: env.DATABASE_URL,
    natsUrl: env.NATS_URL,
    natsFile: env.SLIPWAY_NATS_FILE,
    secretKeyFile: env.SLIPWAY_SECRET_KEY_FILE,
    embeddedAgentFile: env.SLIPWAY_EMBEDDED_AGENT_FILE ?? null,
    adminToken: env.SLIPWAY_ADMIN_TOKEN ?? null,
    metricsToken: env.SLIPWAY_METRICS_TOKEN ?? null,
    sample: env.SLIPWAY_SAMPLE,
    /** Hosts of external repositories that may be reached though their addresses are not public. */
    gitAllow: env.SLIPWAY_GIT_ALLOW,
    /** Public ports that environments get on their agent's machine; both inclusive. */
    environmentPorts: env.SLIPWAY_ENVIRONMENT_PORTS,
    logLevel: env.SLIPWAY_LOG_LEVEL,
    /** Introspection and suggestions are for development alone. */
    development: env.NODE_ENV === 'development',
  }));

/** Names of the variables that `readConfig` knows. */
export const CONFIG_VARIABLES: string[] = Object.keys(SCHEMA.in.shape);

export class BadConfig extends Error {
  constructor(problems: string[]) {
    super(
      `The server can't start: ${problems.length === 1 ? 'a setting is' : 'some settings are'} wrong.\n${problems.map((p) => `  ${p}`).join('\n')}`,
    );
    this.name = 'BadConfig';
  }
}

/** An empty variable counts as not set, as compose files leave them. Throws BadConfig, which names every bad variable; values are never repeated, as they may be secrets. */
export function readConfig(env: Environment): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const read = SCHEMA.safeParse(given);
  if (read.success) return read.data;
  throw new BadConfig(read.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
}

function hasScheme(value: string, schemes: string[]): boolean {
  return URL.canParse(value) && schemes.includes(new URL(value).protocol);
}
