import { describe, expect, it } from 'vitest';
import { type PlannedJob, planRun } from './plan-run.js';
import { rollUpRunState } from './run-state.js';

const aJob = (name: string, state: PlannedJob['state'], needs: string[] = [], reason: string | null = null): PlannedJob => ({
  id: name,
  name,
  state,
  needs,
  reason,
});

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

  it('takes a need that the event did not call for as met, and waits for the others', () => {
    const filtered = aJob('unit', 'skipped', [], 'filtered');
    expect(planRun([filtered, aJob('ship', 'waiting', ['unit'])])).toEqual({ ready: ['ship'], skip: [] });
    expect(planRun([filtered, aJob('build', 'running'), aJob('ship', 'waiting', ['unit', 'build'])])).toEqual({ ready: [], skip: [] });
  });

  it.each(['pull_request', 'untrusted', 'needs_failed'])('skips what needs a job that was skipped as %s', (reason) => {
    expect(planRun([aJob('live', 'skipped', [], reason), aJob('e2e', 'waiting', ['live'])]).skip).toEqual([{ id: 'e2e', because: 'live' }]);
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
