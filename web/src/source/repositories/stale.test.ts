import { describe, expect, it } from 'vitest';
import { staleTitle } from './stale.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const since = (ms: number, over: object = {}) => ({
  state: 'STALE' as const,
  fetchedAt: '2026-03-01T00:00:00Z',
  failingSince: new Date(NOW - ms).toISOString(),
  nextFetchAt: null,
  leftOut: null,
  offeredHostKey: null,
  error: { code: 'unreachable', message: '' },
  ...over,
});

describe('what is said of a stale mirror', () => {
  it.each([
    [40_000, {}, 'Mirror stale for 40 s: host unreachable'],
    [12 * 60_000 + 59_000, {}, 'Mirror stale for 12 min: host unreachable'],
    [47 * 3_600_000, {}, 'Mirror stale for 47 h: host unreachable'],
    [49 * 3_600_000, {}, 'Mirror stale for 2 days: host unreachable'],
    [60_000, { fetchedAt: null }, 'Not fetched yet, tried for 1 min: host unreachable'],
    [60_000, { error: { code: 'remote_moved', message: '' } }, 'Mirror stale for 1 min: remote moved'],
    [60_000, { error: null }, 'Mirror stale for 1 min'],
    [-5_000, {}, 'Mirror stale for 0 s: host unreachable'],
  ])('after %d ms', (ms, over, words) => {
    expect(staleTitle(since(ms, over), NOW)).toBe(words);
  });
});
