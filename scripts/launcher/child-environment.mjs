import { delimiter } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';

/** What every process of ours may know of the environment that Slipway was started in. npm alone adds dozens that none should. */
const FOR_ALL = ['HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_ENV', 'SLIPWAY_LOG_LEVEL'];
/** How this machine reaches the network. */
const NETWORK = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO'],
];

/**
 * The environment of one process: a few names of ours, those named, and what is given.
 * @param {NodeJS.ProcessEnv} env @param {string[]} names @param {Record<string, string>} given
 * @returns {Record<string, string>}
 */
export function childEnvironment(env, names, given) {
  const passed = [...FOR_ALL, ...NETWORK, ...names].flatMap((name) => (env[name] ? [[name, env[name]]] : []));
  return { PATH: machinePath(env.PATH ?? '/usr/local/bin:/usr/bin:/bin'), ...Object.fromEntries(passed), ...given };
}

/** Without the folders that npm puts in front for its scripts: jobs are to use the machine's own programs. @param {string} path */
function machinePath(path) {
  const npms = (/** @type {string} */ folder) =>
    folder === '' || folder.startsWith(`${ROOT}/`) || /node_modules\/(\.bin|.*node-gyp-bin)$/.test(folder);
  const folders = path.split(delimiter).filter((folder) => !npms(folder));
  return [...new Set([...folders, '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'])].join(delimiter);
}

/** Names in `SLIPWAY_JOB_ENV`, which the agent passes on to jobs. @param {NodeJS.ProcessEnv} env */
export const jobVariables = (env) =>
  (env.SLIPWAY_JOB_ENV ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => /^\w+$/.test(name));
