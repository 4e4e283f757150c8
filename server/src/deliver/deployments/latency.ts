import { LATENCY_BOUNDS_MS } from '@slipway/protocol';

/** Milliseconds; null: more than the last of `LATENCY_BOUNDS_MS`, a minute. */
export type Percentiles = { p50Ms: number | null; p95Ms: number | null; p99Ms: number | null; measured: number };

/**
 * Percentiles by nearest rank: the upper bound of the bucket into which the request of that rank fell. So a true value is at most what is said, and
 * more than the bound before it; from 3 ms to 1 s, that is less by a quarter at most.
 *
 * @param histogram requests in each bucket of `LATENCY_BOUNDS_MS`, and in a last one above them
 * @returns null: nothing was measured
 */
export function percentilesOf(histogram: readonly number[]): Percentiles | null {
  const measured = histogram.reduce((sum, count) => sum + count, 0);
  if (measured === 0) return null;
  const at = (share: number): number | null => {
    let left = Math.ceil(share * measured);
    const bucket = histogram.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return LATENCY_BOUNDS_MS[bucket] ?? null;
  };
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), measured };
}
