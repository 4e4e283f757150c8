import { describe, expect, it } from 'vitest';
import { DEPLOYMENT_STATES, HOLDING_STATES, isDeploymentOver, nextDeploymentState } from './deployment-state.js';

describe('the states of a deployment', () => {
  it('go from waiting to success, and back from every state in which something was begun', () => {
    const way = (['hold', 'switch', 'verify', 'pass'] as const).reduce(
      nextDeploymentState,
      'waiting' as (typeof DEPLOYMENT_STATES)[number],
    );
    expect(way).toBe('succeeded');
    for (const state of ['provisioning', 'rolling_out', 'paused', 'verifying'] as const)
      expect(nextDeploymentState(state, 'undo')).toBe('rolling_back');
  });

  it('that are terminal stay', () => {
    const over = DEPLOYMENT_STATES.filter(isDeploymentOver);
    expect(over).toEqual(['succeeded', 'rolled_back', 'failed', 'superseded', 'cancelled']);
    for (const state of over) expect(() => nextDeploymentState(state, 'hold')).toThrow(/can't take the move "hold"/);
  });

  it('that hold an environment are those of the unique index', () => {
    expect(HOLDING_STATES).toEqual(['provisioning', 'rolling_out', 'paused', 'verifying', 'rolling_back']);
  });
});
