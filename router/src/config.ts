import { accessSync, constants, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { MAX_DESCRIPTORS } from './haproxy/configuration.js';

const Network = z.string().refine((text) => {
  const [address = '', bits] = text.split('/');
  const family = isIP(address);
  return family !== 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)));
}, 'Give addresses and networks, comma separated: 127.0.0.1,10.0.0.0/8,::1.');

const Environment = z.object({
  SLIPWAY_ROUTER_DIR: z.string().min(1),
  SLIPWAY_ROUTER_SOCKET: z.string().min(1),
  SLIPWAY_HAPROXY: z.string().optional(),
  SLIPWAY_ROUTER_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .pipe(z.array(Network)),
  SLIPWAY_ROUTER_METRICS: z
    .string()
    .optional()
    .transform((text) => text || undefined)
    .refine((text) => text === undefined || parseAddress(text) !== null, 'Give an address and a port: 127.0.0.1:9109.'),
  SLIPWAY_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type Config = {
  /** The router's own folder: what is wanted, what was counted, and HAProxy's files. */
  dir: string;
  /** Unix socket of the control API. */
  socket: string;
  /** HAProxy's program. */
  haproxy: string;
  /** Where Prometheus reaches the metrics over TCP, if anywhere. */
  metrics: { host: string; port: number } | null;
  /** Addresses and networks whose `X-Forwarded-*` is believed. */
  trustedProxies: string[];
  /** Of clients, to one public port. */
  maxConnectionsPerPort: number;
  logLevel: string;
};

/** @throws Error naming each variable that is missing or wrong. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = Environment.safeParse(env);
  if (!parsed.success) throw new Error(`The router can't start, its settings are wrong:\n${z.prettifyError(parsed.error)}`);
  const { SLIPWAY_ROUTER_DIR: dir, SLIPWAY_ROUTER_SOCKET: socket, SLIPWAY_HAPROXY: haproxy } = parsed.data;
  return {
    dir,
    socket,
    haproxy: haproxy || onPath('haproxy', env.PATH ?? ''),
    metrics: parseAddress(parsed.data.SLIPWAY_ROUTER_METRICS ?? ''),
    trustedProxies: parsed.data.SLIPWAY_ROUTER_TRUSTED_PROXIES,
    maxConnectionsPerPort: Math.max(MIN_CONNECTIONS_PER_PORT, Math.floor(descriptors() * SHARE_OF_ONE_PORT)),
    logLevel: parsed.data.SLIPWAY_LOG_LEVEL,
  };
}

function parseAddress(text: string): { host: string; port: number } | null {
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) !== 0 && Number(port) <= 65_535 ? { host: bare, port: Number(port) } : null;
}

/** Each connection takes two descriptors, so HAProxy has room for half as many connections; one port gets four fifths of that. */
const SHARE_OF_ONE_PORT = 0.4;
const MIN_CONNECTIONS_PER_PORT = 100;

/** How many HAProxy may open. */
function descriptors(): number {
  const [, hard = ''] = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Math.min(Number(hard) || MAX_DESCRIPTORS, MAX_DESCRIPTORS);
}

/** A user's PATH often lacks the folders of system programs. */
function onPath(program: string, path: string): string {
  const candidates = [...path.split(delimiter), '/usr/sbin', '/usr/local/sbin'].filter(Boolean).map((folder) => join(folder, program));
  return candidates.find(isExecutable) ?? program;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
