import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from './free-port.mjs';
import { natsConfig } from './nats-identity.mjs';
import { asProblem } from './problem.mjs';

const HOST = '127.0.0.1';

/**
 * A real nats-server with JetStream on a loopback port; nobody gets in without a JWT of this identity.
 * @param {{ dir: string, logFile: string, binary: string, identity: import('./nats-identity.mjs').NatsIdentity, port?: number }} options
 * @returns {Promise<{ service: import('./service.mjs').Service, url: string, port: number }>}
 */
export async function prepareNats({ dir, logFile, binary, identity, port: wanted }) {
  const port = wanted ?? (await freePort());
  const file = join(dir, 'nats.conf');
  const configure = async () => {
    try {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      await writeFile(file, await natsConfig(identity, { host: HOST, port, dir }), { mode: 0o600 });
    } catch (error) {
      throw asProblem(error, dir);
    }
  };
  await configure();
  /** @type {import('./service.mjs').Service} */
  const service = {
    name: 'nats-server',
    command: binary,
    args: ['-c', file],
    env: { PATH: '/usr/bin:/bin', HOME: dir, TZ: 'UTC' },
    cwd: dir,
    logFile,
    // SIGTERM ends it in order but with exit code 1 in old versions; SIGINT with 0 in all.
    stopSignal: 'SIGINT',
    stopWithinMs: 10_000,
    readyWithinMs: 30_000,
    // Its folder may have been wiped: whatever is needed is there again.
    beforeStart: configure,
    isReady: () => speaks(port),
  };
  return { service, url: `nats://${HOST}:${port}`, port };
}

/** A server that takes clients greets them. @param {number} port @returns {Promise<boolean>} */
function speaks(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST, timeout: 1_000 });
    const answer = (/** @type {boolean} */ ready) => {
      socket.destroy();
      resolve(ready);
    };
    socket.once('data', (greeting) => answer(greeting.toString('latin1').startsWith('INFO ')));
    for (const event of ['error', 'timeout', 'close']) socket.once(event, () => answer(false));
  });
}
