import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { endProcess, isRunning, nameProcess } from './process-facts.mjs';

/** For SIGTERM, with which HAProxy ends at once: what it carried requests to is gone already. */
const WITHIN_MS = 3_000;

/** @typedef {import('./process-facts.mjs').ProcessName} ProcessName */

/**
 * The HAProxy processes of an installation; several while old ones finish what they had before a reload. They outlive the router that
 * started them, on purpose, and so do not depend on its word: their command line, `-f <the router's folder>/….cfg`, says whose they are.
 * On systems without /proc none is found.
 * @param {string} routerDir @returns {ProcessName[]}
 */
export function haproxiesOf(routerDir) {
  const folder = real(routerDir) + sep;
  return runningPids()
    .filter((pid) => isOfThisUser(pid) && read(pid, 'comm') === 'haproxy\n')
    .map(nameProcess) // before its command line is read: if the pid is given to another process then, the name is nobody's
    .filter(({ pid }) => configurationsOf(pid).some((file) => join(real(dirname(file)), sep).startsWith(folder)));
}

/** @param {ProcessName[]} haproxies @param {(message: string) => void} say */
export async function endHaproxies(haproxies, say, withinMs = WITHIN_MS) {
  const left = haproxies.filter(isRunning);
  for (const { pid } of left) say(`ending the HAProxy that a router left behind (process ${pid})`);
  await Promise.all(left.map((haproxy) => endProcess(haproxy, 'SIGTERM', withinMs)));
}

function runningPids() {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Others' can't be ended but by root. @param {number} pid */
function isOfThisUser(pid) {
  const us = process.geteuid?.();
  return us === 0 || statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === us;
}

/** @param {number} pid */
function configurationsOf(pid) {
  const args = read(pid, 'cmdline').split('\0');
  return args.filter((_arg, index) => args[index - 1] === '-f');
}

/** @param {number} pid @param {'comm' | 'cmdline'} fact @returns {string} empty: it has ended */
function read(pid, fact) {
  try {
    return readFileSync(`/proc/${pid}/${fact}`, 'utf8');
  } catch {
    return '';
  }
}

/** Without links, so that two ways to write a folder are one; as it is, if it is gone. @param {string} folder */
function real(folder) {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
