import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { AccessLog } from './access-log.js';
import type { Config } from './config.js';
import { createControlApi, createMetricsServer } from './control-api.js';
import { listenOnSocket, MAX_PATH_BYTES } from './control-socket.js';
import type { Environment } from './environment.js';
import { Environments } from './environments.js';
import { configuration } from './haproxy/configuration.js';
import { EMPTY_FOLDER, writeFiles } from './haproxy/files.js';
import { exporterName, Fleet } from './haproxy/fleet.js';
import { socketName } from './haproxy/process.js';
import { versionOf } from './haproxy/program.js';
import { createLog } from './log.js';
import { hasIpv6 } from './public-port.js';
import { parseExchange } from './release-traffic.js';
import { RouteStore } from './route-store.js';
import { Served } from './served.js';
import { TrafficPipe } from './traffic-pipe.js';

const SAVE_TRAFFIC_EVERY_MS = 500;
/** How long requests in flight may finish when everything stops. */
const STOP_DRAIN_MS = 3_000;
/** HAProxy, started by root, lives on as this user ("nobody"). */
const NOBODY = 65_534;

export type Router = {
  /** Lets go of HAProxy, which goes on serving and is taken over by the next router. */
  leave(): Promise<void>;
  /** Ends HAProxy too. */
  stop(): Promise<void>;
};

/** Serves what was routed before at once, and only then takes orders. */
export async function startRouter(config: Config): Promise<Router> {
  const logger = createLog(config.logLevel);
  const haproxyDir = join(config.dir, 'haproxy');
  refuseLongFolder(config.dir, haproxyDir);
  await mkdir(haproxyDir, { recursive: true, mode: 0o700 });
  const version = await versionOf(config.haproxy);
  const store = new RouteStore(config.dir, logger);
  const served = new Served();
  const uncounted = new Set<Environment>();
  const pipe = await TrafficPipe.open(
    join(config.dir, 'traffic'),
    countInto(served, uncounted, new AccessLog(join(config.dir, 'access'), logger)),
  );
  const fleet = new Fleet({
    dir: haproxyDir,
    program: config.haproxy,
    version,
    log: pipe.descriptor,
    configure: configurator(config, haproxyDir, served, await hasIpv6()),
    onStartFailed: async (error) => {
      logger.error({ err: error }, 'HAProxy does not start; trying again.');
      await environments.leaveOutTakenPorts();
    },
    logger,
  });
  const environments = new Environments({ store, fleet, pipe, served, logger });
  const control = createControlApi(environments, served, fleet, logger);
  await listenOnSocket(control, config.socket);
  await environments.restore();
  const metrics = createMetricsServer(served, fleet, logger);
  if (config.metrics) {
    metrics.listen(config.metrics);
    await once(metrics, 'listening');
  }
  const saving = setInterval(() => void saveTraffic(store, uncounted, logger), SAVE_TRAFFIC_EVERY_MS);
  logger.info({ socket: config.socket, environments: served.all().length, haproxy: version }, 'The router serves.');

  const close = async () => {
    clearInterval(saving);
    await environments.close();
    pipe.takeAll();
    pipe.close();
    await saveTraffic(store, uncounted, logger);
    await store.settle();
    for (const server of [control, metrics]) {
      server.close();
      server.closeAllConnections();
    }
    await rm(config.socket, { force: true });
  };
  return {
    leave: async () => {
      await close();
      fleet.close();
      logger.info('The router ended; HAProxy goes on.');
    },
    stop: async () => {
      await fleet.end(STOP_DRAIN_MS);
      await close();
      logger.info('The router and HAProxy ended.');
    },
  };
}

function refuseLongFolder(dir: string, haproxyDir: string): void {
  const longest = join(haproxyDir, exporterName(99_999));
  if (Buffer.byteLength(longest) <= MAX_PATH_BYTES) return;
  const allowed = MAX_PATH_BYTES - Buffer.byteLength(longest) + Buffer.byteLength(dir);
  throw new Error(
    `The router can't start: the folder ${dir} has too long a path for the sockets in it. Set SLIPWAY_ROUTER_DIR to one of at most ${allowed} bytes.`,
  );
}

function configurator(config: Config, dir: string, served: Served, ipv6: boolean): (number: number) => Promise<string> {
  const confinement = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY, chroot: EMPTY_FOLDER } : null;
  return async (number) => {
    const environments = served.all().filter(({ isUnserved }) => !isUnserved);
    await writeFiles(dir, environments);
    const configured = environments.map((environment) => ({ ...pick(environment), servers: environment.servers() }));
    const sockets = { runtime: socketName(number), exporter: exporterName(number) };
    return configuration(configured, sockets, { confinement, ipv6, ...config });
  };
}

const pick = ({ environmentId, number, routes }: Environment) => ({ environmentId, number, routes });

function countInto(served: Served, uncounted: Set<Environment>, access: AccessLog): (lines: string[]) => void {
  return (lines) => {
    for (const line of lines) {
      const exchange = parseExchange(line);
      const environment = exchange && served.numbered(exchange.number);
      if (!environment) continue;
      environment.count(exchange);
      uncounted.add(environment);
      if (environment.routes.options.accessLog) access.add(environment.environmentId, exchange, line.split('\t').slice(1));
    }
  };
}

async function saveTraffic(store: RouteStore, uncounted: Set<Environment>, logger: Logger): Promise<void> {
  for (const environment of [...uncounted]) {
    uncounted.delete(environment);
    await store.saveTraffic(environment).catch((error: unknown) => logger.warn({ err: error }, 'The traffic counters could not be saved.'));
  }
}
