import { describe, expect, it } from 'vitest';
import { pollDelayMs, retryDelayMs } from './fetch-schedule.js';

const MINUTE_MS = 60_000;

describe('the next look at a host', () => {
  it('comes later with each failure, up to a quarter of an hour', () => {
    expect([1, 2, 3, 9, 1_000].map((failures) => retryDelayMs(failures, 0.5))).toEqual([
      5_000,
      10_000,
      20_000,
      15 * MINUTE_MS,
      15 * MINUTE_MS,
    ]);
  });

  it('is scattered by a fifth', () => {
    expect([0, 1].map((random) => retryDelayMs(1, random))).toEqual([4_000, 6_000]);
    expect([0, 1].map((random) => pollDelayMs({ pollEveryMs: MINUTE_MS, sinceDeliveryMs: null }, random))).toEqual([48_000, 72_000]);
  });

  it('waits an hour while webhooks arrive, and goes back to polling when they stop', () => {
    expect(pollDelayMs({ pollEveryMs: MINUTE_MS, sinceDeliveryMs: MINUTE_MS }, 0.5)).toBe(60 * MINUTE_MS);
    expect(pollDelayMs({ pollEveryMs: MINUTE_MS, sinceDeliveryMs: 25 * 60 * MINUTE_MS }, 0.5)).toBe(MINUTE_MS);
  });

  it('never comes by itself where polling is off', () => {
    expect(pollDelayMs({ pollEveryMs: null, sinceDeliveryMs: null }, 0.5)).toBeNull();
  });
});
