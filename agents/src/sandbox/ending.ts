import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessId, signal } from './process-tree.js';

const LOOK_MS = 20;

/**
 * SIGTERM to each, once: to those that were being forked meanwhile too, but not to what they start in order to end well. One that
 * is halted is woken for it.
 * @returns how many there were
 */
export function askToEnd(members: () => ProcessId[]): number {
  const asked = new Set<number>();
  for (let round = 0; round < 2; round++) {
    for (const process of members().filter(({ pid }) => !asked.has(pid))) {
      asked.add(process.pid);
      signal(process, 'SIGTERM');
      signal(process, 'SIGCONT');
    }
  }
  return asked.size;
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
