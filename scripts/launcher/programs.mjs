import { join } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { childEnvironment, jobVariables } from './child-environment.mjs';
import { places } from './settings.mjs';

/**
 * How our programs are run: with a young generation of 4 MiB instead of 16, two allocation arenas instead of one for each thread, and large buffers
 * given back to the system at once. That takes a third off the memory of an installation, and costs no speed (docs/performance.md).
 */
export const NODE_FLAGS = ['--enable-source-maps', '--max-semi-space-size=4'];
export const NODE_ENVIRONMENT = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_TRIM_THRESHOLD_: '131072' };

/** @typedef {import('../services/service.mjs').Service} Service */
/**
 * @typedef {object} Wiring
 * @property {import('./settings.mjs').Settings} settings
 * @property {string} databaseUrl
 * @property {string} natsUrl
 * @property {string} natsFile
 * @property {string} haproxy the program that carries the router's traffic
 */

/**
 * Slipway's own programs. They are Node.js processes that say `{kind: 'ready'}` over IPC and stop by themselves when that
 * channel closes, i.e. when the launcher was killed.
 * @param {Wiring} wiring @param {NodeJS.ProcessEnv} env
 */
export function programs({ settings, databaseUrl, natsUrl, natsFile, haproxy }, env) {
  const at = places(settings.dataDir);
  const serverUrl = `http://127.0.0.1:${settings.port}`;
  const server = program('server', at.logs, {
    env: childEnvironment(
      env,
      [
        'SLIPWAY_PUBLIC_URL',
        'SLIPWAY_HOST',
        'SLIPWAY_TRUST_PROXY',
        'SLIPWAY_HSTS',
        'SLIPWAY_ADMIN_TOKEN',
        'SLIPWAY_METRICS_TOKEN',
        'SLIPWAY_SAMPLE',
        'SLIPWAY_GIT_ALLOW',
        'SLIPWAY_ENVIRONMENT_PORTS',
      ],
      {
        DATABASE_URL: databaseUrl,
        NATS_URL: natsUrl,
        SLIPWAY_NATS_FILE: natsFile,
        PORT: String(settings.port),
        SLIPWAY_DATA_DIR: at.server,
        SLIPWAY_SECRET_KEY_FILE: at.secretKey,
        SLIPWAY_EMBEDDED_AGENT_FILE: at.enrolment,
      },
    ),
    stopWithinMs: 15_000,
  });
  const router = program('router', at.logs, {
    env: childEnvironment(env, ['SLIPWAY_ROUTER_TRUSTED_PROXIES', 'SLIPWAY_ROUTER_METRICS'], {
      SLIPWAY_ROUTER_DIR: at.router,
      SLIPWAY_ROUTER_SOCKET: at.routerSocket,
      SLIPWAY_HAPROXY: haproxy,
    }),
    // A signal is for an upgrade: it ends the router alone, and HAProxy goes on serving.
    endsWithChannel: true,
    stopWithinMs: 10_000,
  });
  /** @param {string[]} toolFolders of programs that were unpacked, for its PATH */
  const agent = (toolFolders) =>
    program('agent', at.logs, {
      env: withTools(
        toolFolders,
        childEnvironment(
          env,
          [
            'SLIPWAY_AGENT_SLOTS',
            'SLIPWAY_AGENT_ROLES',
            'SLIPWAY_AGENT_NAME',
            'SLIPWAY_AGENT_TAGS',
            'SLIPWAY_KEPT_CHECKOUTS',
            'SLIPWAY_JOB_ENV',
            'SLIPWAY_OPEN_NETWORKS',
            'SLIPWAY_UNTRUSTED_JOBS',
            'SLIPWAY_SANDBOX',
            'SLIPWAY_JOB_CPU_CORES',
            'SLIPWAY_JOB_MEMORY_MIB',
            'SLIPWAY_JOB_PROCESSES',
            'SLIPWAY_JOB_DISK_MIB',
            'SLIPWAY_NESTED_SANDBOXES',
            'SLIPWAY_MAX_UNPACKED_MIB',
            'SLIPWAY_FIRST_UID',
            ...jobVariables(env),
          ],
          {
            SLIPWAY_SERVER_URL: serverUrl,
            SLIPWAY_AGENT_DIR: at.agent,
            SLIPWAY_ENROLMENT_FILE: at.enrolment,
            SLIPWAY_ROUTER_SOCKET: at.routerSocket,
          },
        ),
      ),
      // It ends what runs, reports it, and stops the deployed applications, which get 10 s each to end in order.
      stopWithinMs: 40_000,
    });
  return { server, router, agent };
}

/** @param {'server' | 'router' | 'agent'} name @param {string} logs @param {{ env: Record<string, string>, endsWithChannel?: boolean, stopWithinMs: number }} options */
function program(name, logs, { env, endsWithChannel = false, stopWithinMs }) {
  const folder = name === 'agent' ? 'agents' : name;
  /** @type {Service} */
  const service = {
    name,
    command: process.execPath,
    args: [...NODE_FLAGS, join(ROOT, folder, 'dist', 'main.js')],
    env: { ...env, ...NODE_ENVIRONMENT },
    cwd: ROOT,
    logFile: join(logs, `${name}.log`),
    ipc: true,
    endsWithChannel,
    stopSignal: 'SIGTERM',
    stopWithinMs,
    readyWithinMs: 60_000,
    isReady: () => Promise.resolve(true),
  };
  return service;
}

/** @param {string[]} folders @param {Record<string, string>} env @returns {Record<string, string>} */
const withTools = (folders, env) => ({ ...env, PATH: [env.PATH, ...folders].join(':') });
