import { describe, expect, it } from 'vitest';
import { HealthStreak } from './health-streak.js';

const check = { path: '/', intervalMs: 1_000, timeoutMs: 1_000, startupMs: 10_000, healthyAfter: 2, unhealthyAfter: 3 };

describe('HealthStreak', () => {
  it('turns healthy after so many good answers in a row, unhealthy after so many bad ones', () => {
    const streak = new HealthStreak(check, 0, false);
    const turns = [true, false, true, true, true, false, false, true, false, false, false].map((healthy, n) =>
      streak.see(healthy, n * 1_000),
    );
    expect(turns).toEqual([null, null, null, 'became_healthy', null, null, null, null, null, null, 'became_unhealthy']);
  });

  it('is out of time when it was unwell for longer than a start may take, counted anew after health', () => {
    const streak = new HealthStreak(check, 0, true);
    for (const now of [1_000, 2_000, 3_000]) streak.see(false, now);
    expect(streak.see(false, 13_000)).toBeNull();
    expect(streak.see(false, 13_001)).toBe('out_of_time');
    expect(new HealthStreak(check, 0, false).see(false, 10_001)).toBe('out_of_time');
  });
});
