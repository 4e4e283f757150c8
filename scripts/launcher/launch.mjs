import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from '../bootstrap/build.mjs';
import { commandFor } from '../bootstrap/paths.mjs';
import { complain, say } from '../bootstrap/say.mjs';
import { findBubblewrap } from '../services/bubblewrap.mjs';
import { freePort, whyNotPort } from '../services/free-port.mjs';
import { findHaproxy } from '../services/haproxy.mjs';
import { prepareNats } from '../services/nats.mjs';
import { findNatsServer } from '../services/nats-binary.mjs';
import { readOrMakeIdentity } from '../services/nats-identity.mjs';
import { findNetworkHelper } from '../services/network-helper.mjs';
import { preparePostgres } from '../services/postgres.mjs';
import { postgresUser } from '../services/postgres-binaries.mjs';
import { Problem } from '../services/problem.mjs';
import { onPath } from '../services/run-command.mjs';
import { endLeftOvers, lockDataFolder, openDataFolder, postgresFolder, secretKey } from './data-folder.mjs';
import { Guard } from './guard.mjs';
import { Installation } from './installation.mjs';
import { endHaproxies, haproxiesOf } from './left-over-haproxy.mjs';
import { programs } from './programs.mjs';
import { places, readSettings } from './settings.mjs';
import { untilAskedToStop } from './stop-signals.mjs';

/**
 * @typedef {object} Mode
 * @property {NodeJS.ProcessEnv} env
 * @property {() => Promise<boolean>} prepare makes the programs that are to run; false: it could not, and has said why
 * @property {(installation: Installation) => void} onStarted
 */

/**
 * Builds, starts everything, keeps it running, and stops it in order when asked to.
 * @param {Partial<Mode>} [mode]
 * @returns {Promise<number>} exit code
 */
export async function launch({ env = process.env, prepare = build, onStarted = () => undefined } = {}) {
  const stop = untilAskedToStop();
  try {
    const settings = readSettings(env);
    await refuseWhatCantWork(settings);
    if (!(await prepare()))
      throw new Problem('The build failed; its output is above. Fix the sources or get a clean checkout, then start again.');
    if (stop.asked) return 0;
    return await run(settings, stop, { env, onStarted });
  } catch (error) {
    complain(error instanceof Problem ? error.message : `unexpected: ${/** @type {Error} */ (error).stack}`);
    return 1;
  } finally {
    stop.forget();
  }
}

/** @param {import('./settings.mjs').Settings} settings */
async function refuseWhatCantWork(settings) {
  if (!onPath('git'))
    throw new Problem(
      'git is not installed, but Slipway needs it to host repositories. Install it (e.g. "apt-get install git"), then start again.',
    );
  const refused = await whyNotPort(settings.port, '0.0.0.0');
  if (refused === 'EADDRINUSE')
    throw new Problem(
      `Port ${settings.port} is taken by another program (perhaps a Slipway that is running already). Stop it, or choose another port: PORT=${settings.port + 1} ${commandFor('start')}.`,
    );
  if (refused)
    throw new Problem(
      `Port ${settings.port} can't be listened on (${refused}). Choose a port above 1023: PORT=4000 ${commandFor('start')}.`,
    );
}

/**
 * @param {import('./settings.mjs').Settings} settings @param {import('./stop-signals.mjs').StopRequest} stop
 * @param {Pick<Mode, 'env' | 'onStarted'>} mode
 */
async function run(settings, stop, { env, onStarted }) {
  const at = places(settings.dataDir);
  await openDataFolder(settings.dataDir, [at.logs, at.nats, at.server, at.agent, at.router]);
  const unlock = await lockDataFolder(at.lock, settings.dataDir);
  const installation = new Installation(at.services, say);
  const guard = new Guard({ dataDir: settings.dataDir, agentDir: at.agent });
  try {
    await endLeftOvers(at, say);
    const started = startAll(settings, installation, env).then(() => onStarted(installation));
    // A stop during the start makes it fail, as was asked.
    started.catch(() => undefined);
    await Promise.race([started, stop.requested]);
    await stop.requested;
    say('stopping (press Ctrl-C again to stop at once)');
    return 0;
  } finally {
    stop.onForce(() => {
      installation.killAll();
      guard.endNow();
    });
    await installation.stopAll({ agent: () => guard.end(), router: () => endHaproxies(haproxiesOf(at.router), say) });
    await unlock();
  }
}

/** @param {import('./settings.mjs').Settings} settings @param {Installation} installation @param {NodeJS.ProcessEnv} env */
async function startAll(settings, installation, env) {
  const at = places(settings.dataDir);
  // What can't be fetched, or takes its time, holds up the agent alone.
  const tools = sandboxTools();
  const [database, nats, haproxy] = await Promise.all([
    settings.databaseUrl ? outsidePostgres(settings.databaseUrl, at.secretKey) : ownPostgres(settings, installation),
    settings.nats ?? ownNats(settings, installation),
    findHaproxy({ say }),
  ]);
  const wiring = { settings, databaseUrl: database.url, natsUrl: nats.url, natsFile: nats.file, haproxy };
  const { server, router, agent } = programs(wiring, env);
  installation.note({ url: `http://127.0.0.1:${settings.port}`, databaseUrl: database.url, natsUrl: nats.url, logs: at.logs });
  const [ready] = await Promise.all([installation.start(server), installation.start(router)]);
  const { url, signInLink } = /** @type {{ url: string, signInLink: string }} */ (ready);
  installation.note({ page: url });
  process.stdout.write(
    `\nSlipway is at ${url} — sign in once with ${signInLink}\nThe link is valid for 15 minutes; "${commandFor('sign-in-link')}" prints a new one.\n\n`,
  );
  await installation.start(agent(await tools), { isReadyAtOnce: true });
}

/** Whether its secrets are those of this key is for the server to see. @param {string} url @param {string} keyFile */
async function outsidePostgres(url, keyFile) {
  await secretKey(keyFile, true);
  return { url };
}

/** @param {import('./settings.mjs').Settings} settings @param {Installation} installation */
async function ownPostgres(settings, installation) {
  const at = places(settings.dataDir);
  const dir = await postgresFolder(at.postgres, postgresUser(), say);
  const isNew = (await readFile(join(dir, 'password')).catch(() => null)) === null;
  await secretKey(at.secretKey, isNew);
  const { service, url } = await preparePostgres({ dir, logFile: join(at.logs, 'postgres.log'), say });
  await installation.start(service);
  return { url };
}

/** @param {import('./settings.mjs').Settings} settings @param {Installation} installation */
async function ownNats(settings, installation) {
  const at = places(settings.dataDir);
  const [binary, identity, port] = await Promise.all([findNatsServer({ say }), readOrMakeIdentity(at.natsFile), sameNatsPort(at.natsPort)]);
  const { service, url } = await prepareNats({ dir: at.nats, logFile: join(at.logs, 'nats-server.log'), binary, identity, port });
  await installation.start(service);
  return { url, file: at.natsFile };
}

/** The port of the last start if it is still free, so that what was told to agents stays true. @param {string} file */
async function sameNatsPort(file) {
  const known = Number(await readFile(file, 'utf8').catch(() => '0'));
  const port = known > 0 && (await whyNotPort(known, '127.0.0.1')) === null ? known : await freePort();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, String(port));
  return port;
}

async function sandboxTools() {
  const [bubblewrap, network] = await Promise.all([findBubblewrap({ say }), findNetworkHelper({ say })]);
  if (bubblewrap === null)
    say(
      'bubblewrap is missing and could not be fetched: jobs run unsandboxed, with the rights of this user. Install it (e.g. "apt-get install bubblewrap").',
    );
  if (network.missing.length > 0)
    say(
      `${network.missing.join(' and ')} could not be fetched: jobs share this machine's network, and code from forks is not run. Install it (e.g. "apt-get install ${network.missing.join(' ')}").`,
    );
  return [...(bubblewrap === null ? [] : [dirname(bubblewrap)]), ...network.folders];
}
