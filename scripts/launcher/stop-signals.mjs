import { isOrphaned } from '../bootstrap/parent.mjs';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
/** A terminal and npm both pass one Ctrl-C on: a signal so soon after the first is the same one. */
const SAME_REQUEST_MS = 750;
const PARENT_CHECK_MS = 1_000;

/**
 * @typedef {object} StopRequest
 * @property {Promise<void>} requested
 * @property {boolean} asked
 * @property {(force: () => void) => void} onForce what a second request does
 * @property {() => void} forget
 */

/**
 * Listens for the wish to stop: a signal, or the end of whoever started us.
 * @returns {StopRequest}
 */
export function untilAskedToStop() {
  let askedAt = 0;
  let force = () => undefined;
  /** @type {() => void} */
  let ask = () => undefined;
  /** @type {Promise<void>} */
  const requested = new Promise((resolve) => (ask = resolve));
  const onSignal = () => {
    if (askedAt === 0) {
      askedAt = Date.now();
      ask();
    } else if (Date.now() - askedAt > SAME_REQUEST_MS) force();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('disconnect', onSignal);
  const timer = setInterval(() => isOrphaned() && askedAt === 0 && onSignal(), PARENT_CHECK_MS).unref();
  return {
    requested,
    get asked() {
      return askedAt > 0;
    },
    onForce: (action) => {
      force = () => void action();
    },
    forget: () => {
      clearInterval(timer);
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off('disconnect', onSignal);
      if (process.connected) process.disconnect();
    },
  };
}
