export const JOB_STATES = [
  'waiting',
  'queued',
  'assigned',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
  'skipped',
] as const;
export type JobState = (typeof JOB_STATES)[number];

/**
 * unblock: what it needs is done · assign: given to an agent · accept: the agent has begun · decline: the agent did not take it in time ·
 * retry: the attempt was lost to infrastructure and may be tried again · exhaust: it may not, retries are used up ·
 * confirm: the agent (or the loss of it) confirms the cancel.
 */
export type JobEvent =
  | 'unblock'
  | 'assign'
  | 'accept'
  | 'decline'
  | 'pass'
  | 'fail'
  | 'expire'
  | 'retry'
  | 'exhaust'
  | 'cancel'
  | 'confirm'
  | 'skip';

/** Every legal move; an empty row is terminal. */
const MOVES: Record<JobState, Partial<Record<JobEvent, JobState>>> = {
  waiting: { unblock: 'queued', cancel: 'cancelled', skip: 'skipped', fail: 'failed' },
  // A deploy job whose attempt was lost may find its deployment over, well or not, before it is taken up again.
  queued: { assign: 'assigned', cancel: 'cancelled', skip: 'skipped', pass: 'succeeded', fail: 'failed' },
  assigned: { accept: 'running', decline: 'queued', retry: 'queued', exhaust: 'failed', cancel: 'cancelled' },
  running: {
    pass: 'succeeded',
    fail: 'failed',
    expire: 'timed_out',
    retry: 'queued',
    exhaust: 'failed',
    cancel: 'cancelling',
    skip: 'skipped',
  },
  cancelling: { confirm: 'cancelled', pass: 'succeeded', fail: 'failed', expire: 'timed_out' },
  succeeded: {},
  failed: {},
  cancelled: {},
  timed_out: {},
  skipped: {},
};

export class IllegalJobMove extends Error {
  constructor(
    readonly state: JobState,
    readonly event: JobEvent,
  ) {
    super(`A job that is ${state} can't take the event "${event}".`);
  }
}

/** @throws IllegalJobMove */
export function nextJobState(state: JobState, event: JobEvent): JobState {
  const next = MOVES[state][event];
  if (!next) throw new IllegalJobMove(state, event);
  return next;
}

export const canMove = (state: JobState, event: JobEvent): boolean => MOVES[state][event] !== undefined;

export const isTerminal = (state: JobState): boolean => Object.keys(MOVES[state]).length === 0;

export const TERMINAL_JOB_STATES: readonly JobState[] = JOB_STATES.filter(isTerminal);
