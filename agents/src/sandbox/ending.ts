import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessId, signal, ticksSinceBoot } from './process-tree.js';

const LOOK_MS = 20;

/**
 * SIGTERM to each, once: to those that were being forked meanwhile too, but not to what they start in order to end well. One that
 * is halted is woken for it.
 * @returns how many there were
 */
export function askToEnd(members: () => ProcessId[]): number {
  const first = members();
  const since = ticksSinceBoot();
  for (const process of first) ask(process);
  const known = new Set(first.map(({ pid }) => pid));
  const forked = members().filter(({ pid, startTime }) => !known.has(pid) && startTime < since);
  for (const process of forked) ask(process);
  return first.length + forked.length;
}

function ask(process: ProcessId): void {
  signal(process, 'SIGTERM');
  signal(process, 'SIGCONT');
}

/** SIGKILL, until none is left: some may be forking. */
export function killAll(members: () => ProcessId[]): void {
  for (let round = 0; round < 20; round++) {
    const left = members();
    if (left.length === 0) return;
    for (const process of left) signal(process, 'SIGKILL');
  }
}

/** Looks until it holds, or the time is over. */
export async function until(holds: () => boolean, withinMs: number): Promise<void> {
  for (const giveUpAt = performance.now() + withinMs; !holds() && performance.now() < giveUpAt; ) await delay(LOOK_MS);
}
