import { rm } from 'node:fs/promises';
import type { Config } from './config.js';
import { createControlApi } from './control-api.js';
import { listenOnSocket } from './control-socket.js';
import { Environments } from './environments.js';
import { createLog } from './log.js';
import { RouterMetrics } from './metrics.js';
import { RouteStore } from './route-store.js';

const SAVE_TRAFFIC_EVERY_MS = 5_000;
/** How long requests in flight may finish when the router itself stops. */
const STOP_DRAIN_MS = 3_000;

/** Serves what was routed before at once, and only then takes orders. */
export async function startRouter(config: Config): Promise<{ stop(): Promise<void> }> {
  const logger = createLog(config.logLevel);
  const metrics = new RouterMetrics();
  const environments = new Environments(new RouteStore(config.dir, logger), metrics, logger);
  const control = createControlApi(environments, metrics, logger);
  await listenOnSocket(control, config.socket);
  await environments.restore();
  const saving = setInterval(() => {
    environments.saveTraffic().catch((error: unknown) => logger.warn({ err: error }, 'The traffic counters could not be saved.'));
  }, SAVE_TRAFFIC_EVERY_MS);
  logger.info({ socket: config.socket, environments: environments.list().length }, 'The router serves.');

  const stop = async () => {
    clearInterval(saving);
    control.close();
    control.closeIdleConnections();
    await environments.close(STOP_DRAIN_MS);
    await environments.saveTraffic();
    control.closeAllConnections();
    await rm(config.socket, { force: true });
    logger.info('The router stopped.');
  };
  return { stop };
}
