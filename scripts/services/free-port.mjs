import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below those that systems give to whoever asks for any port, or connects to one: nobody gets it before it is listened on, or while
 * its server is away.
 */
const PORTS = { first: 10_000, count: 10_000 };
const MAX_TRIES = 100;

/**
 * A port that nobody listens on at this moment.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = PORTS.first + randomInt(PORTS.count);
    if ((await whyNotPort(port, '127.0.0.1')) === null) return port;
  }
  throw new Error(`None of ${MAX_TRIES} ports from ${PORTS.first} can be listened on.`);
}

/**
 * Why this port can't be listened on; null when it can.
 * @param {number} port @param {string} host
 * @returns {Promise<string | null>} an error code as EADDRINUSE or EACCES
 */
export function whyNotPort(port, host) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => resolve(/** @type {NodeJS.ErrnoException} */ (error).code ?? 'unknown'));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(null)));
  });
}
