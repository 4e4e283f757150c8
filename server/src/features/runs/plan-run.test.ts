import { describe, expect, it } from 'vitest';
import { type PlannedJob, planRun } from './plan-run.js';
import { rollUpRunState } from './run-state.js';

const aJob = (name: string, state: PlannedJob['state'], needs: string[] = []): PlannedJob => ({ id: name, name, state, needs });

describe('planRun', () => {
  it('starts what needs nothing, and what has all it needs', () => {
    const jobs = [
      aJob('build', 'succeeded'),
      aJob('lint', 'waiting'),
      aJob('unit', 'waiting', ['build']),
      aJob('ship', 'waiting', ['build', 'unit']),
    ];
    expect(planRun(jobs)).toEqual({ ready: ['lint', 'unit'], skip: [] });
  });

  it.each(['failed', 'timed_out', 'cancelled', 'skipped'] as const)('skips what needs a job that is %s, and says which', (state) => {
    expect(planRun([aJob('unit', state), aJob('ship', 'waiting', ['unit'])])).toEqual({
      ready: [],
      skip: [{ id: 'ship', because: 'unit' }],
    });
  });
});

describe('rollUpRunState', () => {
  it.each([
    [['waiting', 'queued'], 'pending'],
    [['succeeded', 'waiting'], 'running'],
    [['failed', 'running'], 'running'],
    [['succeeded', 'failed', 'skipped'], 'failed'],
    [['succeeded', 'timed_out'], 'failed'],
    [['succeeded', 'cancelled', 'skipped'], 'cancelled'],
    [['succeeded', 'succeeded'], 'succeeded'],
  ] as const)('%j is %s', (states, run) => {
    expect(rollUpRunState(states)).toBe(run);
  });
});
