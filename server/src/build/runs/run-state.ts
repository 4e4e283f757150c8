import { isTerminal, type JobState } from '../jobs/job-state.js';

export const RUN_STATES = ['pending', 'running', 'succeeded', 'failed', 'cancelled', 'invalid'] as const;
export type RunState = (typeof RUN_STATES)[number];

export const isRunOver = (state: RunState): boolean => state !== 'pending' && state !== 'running';

const FAILED: readonly JobState[] = ['failed', 'timed_out'];
const STARTED: readonly JobState[] = ['assigned', 'running', 'cancelling'];

/** A run's state follows from its current jobs alone. A run without jobs has nothing left to do: it succeeded. */
export function rollUpRunState(jobs: readonly JobState[]): RunState {
  if (jobs.every(isTerminal)) {
    if (jobs.some((state) => FAILED.includes(state))) return 'failed';
    return jobs.includes('cancelled') ? 'cancelled' : 'succeeded';
  }
  return jobs.some((state) => isTerminal(state) || STARTED.includes(state)) ? 'running' : 'pending';
}
