import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks until it finds.
 * @throws Error with what was looked for, and the last failure to look
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | null | false>,
  { timeoutMs = 30_000, everyMs = 50 } = {},
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  }
  throw new Error(`Waited ${timeoutMs} ms for ${what}.${last ? ` Last error: ${last}` : ''}`);
}

/** A port of loopback that is free now. */
export { freePort } from '../../scripts/services/free-port.mjs';
