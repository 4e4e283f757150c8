import { say } from '../bootstrap/say.mjs';
import { findBubblewrap } from './bubblewrap.mjs';
import { findHaproxy } from './haproxy.mjs';
import { findNatsServer } from './nats-binary.mjs';
import { findNetworkHelper } from './network-helper.mjs';

/**
 * Fetches the programs that this machine lacks, for the launcher to find. What can't be had is not said here: the launcher looks
 * again, and knows what it can do without.
 * @param {NodeJS.ProcessEnv} env
 */
export async function fetchPrograms({ NATS_URL }) {
  const wanted = [findHaproxy({ say }), findBubblewrap({ say }), findNetworkHelper({ say })];
  await Promise.allSettled(NATS_URL ? wanted : [...wanted, findNatsServer({ say })]);
}
