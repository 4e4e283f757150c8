import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Start time in clock ticks since boot: with the pid it names one process for ever. null: there is no such process.
 * @param {number} pid
 */
export function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return process.platform === 'linux' ? null : aliveElsewhere(pid);
  }
}

/** Systems without /proc: a pid alone, which may have been given to another process. @param {number} pid */
function aliveElsewhere(pid) {
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch {
    return null;
  }
}

/** @typedef {{ pid: number, startTime: string | null }} ProcessName */

/** @param {number} pid @returns {ProcessName} */
export const nameProcess = (pid) => ({ pid, startTime: startTimeOf(pid) });

/** @param {ProcessName} name */
export const isRunning = ({ pid, startTime }) => startTime !== null && startTimeOf(pid) === startTime;

/**
 * Ends a process that is no child of ours, asking first.
 * @param {ProcessName} name @param {NodeJS.Signals} signal @param {number} withinMs
 */
export async function endProcess(name, signal, withinMs) {
  if (!isRunning(name)) return;
  sendSignal(name.pid, signal);
  const deadline = Date.now() + withinMs;
  while (isRunning(name) && Date.now() < deadline) await sleep(20);
  if (isRunning(name)) sendSignal(name.pid, 'SIGKILL');
  while (isRunning(name) && Date.now() < deadline + 2_000) await sleep(20);
}

/** It may end by itself just now. @param {number} pid @param {NodeJS.Signals} signal */
function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}
