const POLL_MS = 50;

/** Looks until it finds, and says what it looked for and what came last when it doesn't. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  look: () => Promise<T | undefined | null | false>,
): Promise<NonNullable<T>> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const found = await look();
      if (found) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  } while (Date.now() < end);
  throw new Error(`Waited ${timeoutMs} ms for ${what}.${last ? ` The last look failed: ${last}` : ''}`);
}
