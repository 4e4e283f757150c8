import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareNats } from './nats.mjs';
import { findNatsServer } from './nats-binary.mjs';
import { makeIdentity } from './nats-identity.mjs';
import { preparePostgres } from './postgres.mjs';
import { endWithUs, spawnService, stopService, untilReady } from './service.mjs';

export { freePort } from './free-port.mjs';
export { findDistributionNatsServer, findNatsServer } from './nats-binary.mjs';
export { makeIdentity } from './nats-identity.mjs';

/**
 * Prepares and starts one, for tests and benches.
 * @param {import('./postgres.mjs').PostgresOptions} options
 * @returns {Promise<{ url: string, pid: number, stop(): Promise<void> }>}
 */
export async function startPostgres(options) {
  const { service, url } = await preparePostgres(options);
  const child = spawnService(service);
  const pid = /** @type {number} */ (child.pid);
  const unwatch = endWithUs(pid, options.dir);
  await untilReady(service, child);
  const stop = async () => {
    await stopService(service, child);
    unwatch();
  };
  return { url, pid, stop };
}

/**
 * Prepares and starts one, for tests and benches.
 * @param {{ dir: string, binary?: string, port?: number, identity?: import('./nats-identity.mjs').NatsIdentity }} options
 * `stop` removes its folder too; `kill` is kill -9 and leaves it.
 * @returns {Promise<{ url: string, pid: number, identity: import('./nats-identity.mjs').NatsIdentity, kill(): Promise<void>, stop(): Promise<void> }>}
 */
export async function startNats(options) {
  const identity = options.identity ?? (await makeIdentity());
  const binary = options.binary ?? (await findNatsServer({}));
  await mkdir(options.dir, { recursive: true });
  const logFile = join(options.dir, 'nats.log');
  const { service, url } = await prepareNats({ ...options, binary, identity, logFile });
  const child = spawnService(service);
  const pid = /** @type {number} */ (child.pid);
  const unwatch = endWithUs(pid, options.dir);
  await untilReady(service, child);
  const stop = async () => {
    await stopService(service, child);
    unwatch();
    await rm(options.dir, { recursive: true, force: true });
  };
  const kill = async () => {
    await stopService({ ...service, stopSignal: 'SIGKILL' }, child);
    unwatch();
  };
  return { url, identity, pid, kill, stop };
}
