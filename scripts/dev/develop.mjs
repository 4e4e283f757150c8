import { join } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { launch } from '../launcher/launch.mjs';
import { whyNotPort } from '../services/free-port.mjs';
import { Problem } from '../services/problem.mjs';
import { Companion } from './companion.mjs';
import { compileAndWatch } from './compiler.mjs';
import { generateAndWatch } from './operations.mjs';

const DATA_DIR = '.slipway-dev';
const PAGE_PORT = '5173';
/** What it needs is stopped in order; instances of environments go on, and the next agent adopts them. */
const STOP_AGENT = { kind: 'stop', instances: false };

/** @param {NodeJS.ProcessEnv} given @returns {Promise<number>} exit code */
export async function develop(given) {
  const pagePort = Number(given.SLIPWAY_PAGE_PORT || PAGE_PORT);
  const env = developmentOf(given, pagePort);
  /** @type {{ stop(): Promise<void> }[]} */
  const watching = [];
  /** @type {import('../launcher/installation.mjs').Installation | undefined} */
  let running;
  const restart = (/** @type {import('./compiler.mjs').Program[]} */ programs) => {
    for (const program of programs) running?.restart(program, program === 'agent' ? STOP_AGENT : undefined);
  };
  const prepare = async () => {
    await refuseTakenPort(pagePort);
    const compiler = compileAndWatch(restart);
    const operations = generateAndWatch();
    watching.push(compiler, operations);
    await Promise.all([compiler.compiled, operations.generated]);
    watching.push(servePage(pagePort, env));
    return true;
  };
  try {
    return await launch({ env, prepare, onStarted: (installation) => (running = installation) });
  } finally {
    await Promise.all(watching.map((each) => each.stop()));
  }
}

/** @param {NodeJS.ProcessEnv} env @param {number} pagePort @returns {NodeJS.ProcessEnv} */
export const developmentOf = (env, pagePort) => ({
  ...env,
  NODE_ENV: 'development',
  SLIPWAY_DATA_DIR: env.SLIPWAY_DATA_DIR || DATA_DIR,
  SLIPWAY_PUBLIC_URL: env.SLIPWAY_PUBLIC_URL || `http://localhost:${pagePort}`,
});

/** @param {number} port */
async function refuseTakenPort(port) {
  const refused = await whyNotPort(port, '127.0.0.1');
  if (refused)
    throw new Problem(`Port ${port}, for the page, can't be listened on (${refused}). Choose another: SLIPWAY_PAGE_PORT=5174 npm run dev.`);
}

/** @param {number} port @param {NodeJS.ProcessEnv} env says by `PORT` where the server is */
function servePage(port, env) {
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  return new Companion(process.execPath, [vite, '--port', String(port), '--strictPort', '--clearScreen', 'false'], {
    cwd: join(ROOT, 'web'),
    env,
  });
}
