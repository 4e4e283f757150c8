import { LATENCY_BOUNDS_MS } from '@slipway/protocol';
import { expect, it } from 'vitest';
import { randomNumbers } from '../../testing/fuzz/mutations.js';
import { percentilesOf } from './latency.js';

function histogramOf(latencies: readonly number[]): number[] {
  const histogram = Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, () => 0);
  for (const ms of latencies) {
    const bucket = LATENCY_BOUNDS_MS.findIndex((bound) => ms <= bound);
    const at = bucket === -1 ? LATENCY_BOUNDS_MS.length : bucket;
    histogram[at] = (histogram[at] ?? 0) + 1;
  }
  return histogram;
}

it('of nothing are nothing, and of one request that request', () => {
  expect(percentilesOf([])).toBeNull();
  expect(percentilesOf([0, 0])).toBeNull();
  expect(percentilesOf(histogramOf([7]))).toEqual({ p50Ms: 8, p95Ms: 8, p99Ms: 8, measured: 1 });
});

it('do not make up a number above the last bound', () => {
  expect(percentilesOf(histogramOf([1, 70_000]))).toEqual({ p50Ms: 1, p95Ms: null, p99Ms: null, measured: 2 });
});

it('are the least bounds that the true values, by nearest rank, do not exceed', () => {
  const random = randomNumbers(20_261_129);
  for (let round = 0; round < 200; round += 1) {
    const count = 1 + Math.floor(random() * 300);
    const latencies = Array.from({ length: count }, () => Math.exp(random() * 11.1)).toSorted((a, b) => a - b);
    const found = percentilesOf(histogramOf(latencies));
    for (const [share, said] of [
      [0.5, found?.p50Ms],
      [0.95, found?.p95Ms],
      [0.99, found?.p99Ms],
    ] as const) {
      const truth = latencies[Math.ceil(share * count) - 1] ?? 0;
      expect(said).toBe(LATENCY_BOUNDS_MS.find((bound) => truth <= bound) ?? null);
    }
  }
});
