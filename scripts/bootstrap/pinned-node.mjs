import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { isOrphaned } from './parent.mjs';
import { PINNED_NODE } from './paths.mjs';

const PARENT_CHECK_MS = 1_000;

/**
 * Goes on in the pinned Node.js when this process runs in another: the same script with the same arguments. That process sees
 * our end through its IPC channel. Answers when it has ended, with its exit code set as ours.
 * @returns {Promise<boolean>} false: this is the pinned Node.js already
 */
export function underPinnedNode() {
  if (realpathSync(process.execPath) === realpathSync(PINNED_NODE)) return Promise.resolve(false);
  const child = spawn(PINNED_NODE, process.argv.slice(1), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  // A terminal sends Ctrl-C to both of us; a signal for one process alone is passed on. The other knows a repetition.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  const watch = setInterval(() => {
    if (!isOrphaned()) return;
    clearInterval(watch); // a second request would end it at once
    child.kill('SIGTERM');
  }, PARENT_CHECK_MS).unref();
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`slipway: ${PINNED_NODE} could not be started: ${error.message}. Delete node_modules and start again.\n`);
      process.exitCode = 1;
      resolve(true);
    });
    child.once('exit', (code) => {
      process.exitCode = code ?? 1;
      resolve(true);
    });
  });
}
