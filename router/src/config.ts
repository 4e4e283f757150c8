import { z } from 'zod';

const Environment = z.object({
  SLIPWAY_ROUTER_DIR: z.string().min(1),
  SLIPWAY_ROUTER_SOCKET: z.string().min(1),
  SLIPWAY_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type Config = {
  /** The router's own folder: its routes and counters. */
  dir: string;
  /** Unix socket of the control API. */
  socket: string;
  logLevel: string;
};

/** @throws Error naming each variable that is missing or wrong. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = Environment.safeParse(env);
  if (!parsed.success) throw new Error(`The router can't start, its settings are wrong:\n${z.prettifyError(parsed.error)}`);
  return { dir: parsed.data.SLIPWAY_ROUTER_DIR, socket: parsed.data.SLIPWAY_ROUTER_SOCKET, logLevel: parsed.data.SLIPWAY_LOG_LEVEL };
}
