export const DEPLOYMENT_STATES = [
  'waiting',
  'provisioning',
  'rolling_out',
  'paused',
  'verifying',
  'succeeded',
  'rolling_back',
  'rolled_back',
  'failed',
  'superseded',
  'cancelled',
] as const;
export type DeploymentState = (typeof DEPLOYMENT_STATES)[number];

/**
 * hold: the environment is free and now belongs to this deployment · switch: traffic may go to the new release · verify: it is there ·
 * pass: it stayed healthy long enough · undo: ill health, a deadline or an abort · restore: what ran before serves again ·
 * withdraw: cancelled before any traffic moved · fail: nothing to go back to · supersede: a newer one waits for the same place.
 */
export type DeploymentMove =
  | 'hold'
  | 'switch'
  | 'pause'
  | 'resume'
  | 'verify'
  | 'pass'
  | 'undo'
  | 'restore'
  | 'withdraw'
  | 'fail'
  | 'supersede';

/** Every legal move; an empty row is terminal. */
const MOVES: Record<DeploymentState, Partial<Record<DeploymentMove, DeploymentState>>> = {
  waiting: { hold: 'provisioning', supersede: 'superseded', withdraw: 'cancelled', fail: 'failed' },
  provisioning: { switch: 'rolling_out', undo: 'rolling_back', withdraw: 'cancelled', fail: 'failed' },
  rolling_out: { verify: 'verifying', pause: 'paused', undo: 'rolling_back' },
  paused: { resume: 'rolling_out', undo: 'rolling_back' },
  verifying: { pass: 'succeeded', undo: 'rolling_back' },
  rolling_back: { restore: 'rolled_back', withdraw: 'cancelled', fail: 'failed' },
  succeeded: {},
  rolled_back: {},
  failed: {},
  superseded: {},
  cancelled: {},
};

export class IllegalDeploymentMove extends Error {
  constructor(
    readonly state: DeploymentState,
    readonly move: DeploymentMove,
  ) {
    super(`A deployment that is ${state} can't take the move "${move}".`);
  }
}

/** @throws IllegalDeploymentMove */
export function nextDeploymentState(state: DeploymentState, move: DeploymentMove): DeploymentState {
  const next = MOVES[state][move];
  if (!next) throw new IllegalDeploymentMove(state, move);
  return next;
}

export const isDeploymentOver = (state: DeploymentState): boolean => Object.keys(MOVES[state]).length === 0;

/** States in which a deployment has its environment for itself; the unique index `deployments_holding` says the same. */
export const HOLDING_STATES: readonly DeploymentState[] = DEPLOYMENT_STATES.filter(
  (state) => state !== 'waiting' && !isDeploymentOver(state),
);

/** A rough share of the way, for people. */
const PERCENT: Partial<Record<DeploymentState, number>> = {
  waiting: 0,
  provisioning: 20,
  rolling_out: 60,
  paused: 60,
  verifying: 80,
  rolling_back: 50,
};
export const percentOf = (state: DeploymentState): number => PERCENT[state] ?? 100;
