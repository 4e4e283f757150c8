import { join, resolve } from 'node:path';
import { BASE, commandFor, HOME } from '../bootstrap/paths.mjs';
import { Problem } from '../services/problem.mjs';

/**
 * @typedef {object} Settings what a person may set, by environment variables
 * @property {number} port of the server
 * @property {string} dataDir
 * @property {string | null} databaseUrl null: start a Postgres
 * @property {{ url: string, file: string } | null} nats null: start a nats-server
 */

/** @param {NodeJS.ProcessEnv} env @returns {Settings} */
export function readSettings(env) {
  return {
    port: readPort(env.PORT || '4000'),
    dataDir: resolve(BASE, env.SLIPWAY_DATA_DIR || HOME),
    databaseUrl: env.DATABASE_URL
      ? readUrl('DATABASE_URL', env.DATABASE_URL, /^postgres(ql)?:$/, 'postgres://user:password@host:5432/slipway')
      : null,
    nats: env.NATS_URL ? outsideNats(env.NATS_URL, env.SLIPWAY_NATS_FILE) : null,
  };
}

/** @param {string} text */
function readPort(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Problem(`PORT is "${text}", which is not a port. Use a number from 1 to 65535, e.g. PORT=4001 ${commandFor('start')}.`);
}

/** @param {string} url @param {string | undefined} file */
function outsideNats(url, file) {
  readUrl('NATS_URL', url.split(',')[0] ?? '', /^(nats|tls|wss?):$/, 'nats://host:4222');
  if (file) return { url, file: resolve(file) };
  throw new Problem(
    `NATS_URL is set, but SLIPWAY_NATS_FILE is not. Without the account's signing key no agent can connect, so Slipway does not start. Make keys and a configuration for that nats-server with "${commandFor('nats-identity')} <folder for the server> <folder for nats-server>", and set SLIPWAY_NATS_FILE to the nats.json in the first.`,
  );
}

/** @param {string} name @param {string} url @param {RegExp} scheme @param {string} example */
function readUrl(name, url, scheme, example) {
  if (URL.canParse(url) && scheme.test(new URL(url).protocol)) return url;
  throw new Problem(`${name} is not a URL like ${example}. Correct it, or leave it out: Slipway then starts its own.`);
}

/** Where everything lies in the data folder. @param {string} dataDir */
export const places = (dataDir) => ({
  lock: join(dataDir, 'lock.json'),
  services: join(dataDir, 'services.json'),
  logs: join(dataDir, 'logs'),
  secretKey: join(dataDir, 'secret-key'),
  nats: join(dataDir, 'nats'),
  natsFile: join(dataDir, 'nats.json'),
  natsPort: join(dataDir, 'nats', 'port'),
  postgres: join(dataDir, 'postgres'),
  server: join(dataDir, 'server'),
  agent: join(dataDir, 'agent'),
  router: join(dataDir, 'router'),
  routerSocket: join(dataDir, 'router', 'control.sock'),
  enrolment: join(dataDir, 'enrolment-token'),
});
