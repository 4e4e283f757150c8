/** When a mirror is looked after next. Pure; `random` is 0 to 1. */

export const POLL_EVERY_MS = 5 * 60_000;
export const LEAST_POLL_MS = 30_000;
const RETRY_FIRST_MS = 5_000;
const RETRY_MOST_MS = 15 * 60_000;
/** Webhooks that arrived within this time show that the host calls: polling then only finds what they missed. */
const CALLS_WITHIN_MS = 24 * 60 * 60_000;
const POLL_BEHIND_WEBHOOKS_MS = 60 * 60_000;
/** So that a thousand mirrors added at once don't poll at once for ever. */
const JITTER = 0.2;

const around = (ms: number, random: number): number => Math.round(ms * (1 + JITTER * (2 * random - 1)));

/** @param failures in a row, 1 after the first */
export function retryDelayMs(failures: number, random: number): number {
  return around(Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 20)), random);
}

/** null: never. */
export function pollDelayMs(mirror: { pollEveryMs: number | null; sinceDeliveryMs: number | null }, random: number): number | null {
  const { pollEveryMs, sinceDeliveryMs } = mirror;
  if (pollEveryMs === null) return null;
  const called = sinceDeliveryMs !== null && sinceDeliveryMs < CALLS_WITHIN_MS;
  return around(called ? Math.max(pollEveryMs, POLL_BEHIND_WEBHOOKS_MS) : pollEveryMs, random);
}
