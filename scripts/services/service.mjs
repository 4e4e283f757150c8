import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from './problem.mjs';

const MAX_LOG_BYTES = 16 * 1024 * 1024;
const LOG_TAIL_BYTES = 2_000;
/** Where in the log file the output of a process begins. @type {WeakMap<import('node:child_process').ChildProcess, number>} */
const logStarts = new WeakMap();

/**
 * A program to run and to keep running.
 * @typedef {object} Service
 * @property {string} name
 * @property {string} command
 * @property {string[]} args
 * @property {Record<string, string>} env all that the process gets; nothing is inherited
 * @property {string} cwd
 * @property {string} logFile standard output and error are appended
 * @property {number} [uid]
 * @property {number} [gid]
 * @property {NodeJS.Signals} stopSignal asks for an orderly end
 * @property {number} stopWithinMs then it is killed
 * @property {boolean} [ipc] the process is a Node program that talks over IPC
 * @property {boolean} [endsWithChannel] asked to end by closing its IPC channel once it is ready, as our own end would: a signal means less to it
 * @property {() => Promise<void>} [beforeStart] done before every start, restarts included
 * @property {(pid: number) => Promise<boolean>} isReady
 * @property {number} readyWithinMs
 */

/**
 * Starts the process in a group of its own, so that Ctrl-C in a terminal reaches it only through us.
 * @param {Service} service
 * @returns {import('node:child_process').ChildProcess}
 */
export function spawnService(service) {
  const log = openSync(service.logFile, 'a', 0o600);
  const logStart = fstatSync(log).size;
  try {
    const child = spawn(service.command, service.args, {
      cwd: service.cwd,
      env: service.env,
      detached: true,
      stdio: service.ipc ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      ...(service.uid === undefined ? {} : { uid: service.uid, gid: service.gid }),
    });
    logStarts.set(child, logStart);
    return child;
  } finally {
    closeSync(log);
  }
}

/**
 * @param {Service} service
 * @param {import('node:child_process').ChildProcess} child
 * @throws {Problem} with the end of its log when it ends or does not get ready in time
 */
export async function untilReady(service, child) {
  const deadline = Date.now() + service.readyWithinMs;
  /** @type {Error | undefined} */
  let failure;
  child.once('error', (error) => (failure = error));
  while (Date.now() < deadline) {
    if (failure) throw new Problem(`${service.name} could not be started: ${failure.message}`);
    if (hasEnded(child)) throw new Problem(`${service.name} ended while starting.${logTail(service.logFile, logStarts.get(child) ?? 0)}`);
    if (await service.isReady(/** @type {number} */ (child.pid))) return;
    await sleep(15);
  }
  throw new Problem(
    `${service.name} was not ready within ${service.readyWithinMs / 1000} s.${logTail(service.logFile, logStarts.get(child) ?? 0)}`,
  );
}

/**
 * @param {Service} service
 * @param {import('node:child_process').ChildProcess} child
 */
export async function stopService(service, child) {
  if (hasEnded(child) || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(service.stopSignal);
  const timer = setTimeout(() => killGroup(/** @type {number} */ (child.pid)), service.stopWithinMs);
  await ended;
  clearTimeout(timer);
}

/**
 * Ends a process of tests when the test run itself was killed: a shell waits for our end of a pipe to close.
 * @param {number} pid @param {string} dir removed then
 * @returns {() => void} call it once the process has ended in order
 */
export function endWithUs(pid, dir) {
  const watcher = spawn('/bin/sh', ['-c', 'cat > /dev/null; kill -QUIT "$0" 2> /dev/null; sleep 1; rm -rf "$1"', String(pid), dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  /** @type {import('node:net').Socket} */ (watcher.stdin).unref();
  return () => watcher.pid !== undefined && killGroup(watcher.pid);
}

/** @param {import('node:child_process').ChildProcess} child */
export const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null;

/** @param {number} pid of a process that leads a group */
export function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/** The log of the start before is kept; older ones go.
 * @param {string} logFile */
export async function rotateLog(logFile) {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_LOG_BYTES) await rename(logFile, `${logFile}.1`);
}

/** @param {string} logFile @param {number} start byte at which this process's part begins */
function logTail(logFile, start) {
  const bytes = readFileSync(logFile);
  const text = bytes.subarray(Math.max(start, bytes.length - LOG_TAIL_BYTES)).toString('utf8');
  const lines = text.trim().split('\n').slice(-8);
  return text.trim() ? ` The end of ${logFile}:\n${lines.map((line) => `  ${line}`).join('\n')}` : ` Its log, ${logFile}, says nothing.`;
}
