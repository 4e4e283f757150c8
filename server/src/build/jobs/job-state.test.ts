import { describe, expect, it } from 'vitest';
import { IllegalJobMove, isTerminal, JOB_STATES, nextJobState, TERMINAL_JOB_STATES } from './job-state.js';

describe('job state', () => {
  it('takes a job from waiting to succeeded', () => {
    const events = ['unblock', 'assign', 'accept', 'pass'] as const;
    expect(events.reduce<(typeof JOB_STATES)[number]>(nextJobState, 'waiting')).toBe('succeeded');
  });

  it('lets nothing leave a terminal state', () => {
    expect([...TERMINAL_JOB_STATES].sort()).toEqual(['cancelled', 'failed', 'skipped', 'succeeded', 'timed_out']);
    for (const state of TERMINAL_JOB_STATES) expect(() => nextJobState(state, 'retry')).toThrow(IllegalJobMove);
  });

  it('cancels a running job by way of its agent, and one nobody has begun at once', () => {
    expect(nextJobState('running', 'cancel')).toBe('cancelling');
    expect(nextJobState('assigned', 'cancel')).toBe('cancelled');
    expect(isTerminal(nextJobState('cancelling', 'confirm'))).toBe(true);
  });

  it('keeps the result of work that finished before its cancel arrived', () => {
    expect(nextJobState('cancelling', 'pass')).toBe('succeeded');
  });
});
