import { shorten } from '@slipway/protocol';
import type { RunState } from '../../build/runs/run-state.js';
import type { StatusState } from '../code-hosts/status.js';

/** What is reported of a run to the host. */
export type RunFacts = {
  state: RunState;
  /** Of the first problem of a pipeline that can't be read. */
  problem: string | null;
  jobs: { total: number; passed: number; failed: number };
  /** Null while it goes on. */
  durationMs: number | null;
};

/** GitHub takes 140 characters, the most narrow of all hosts. */
const MAX_DESCRIPTION = 140;

const STATE_OF: Record<RunState, StatusState> = {
  pending: 'pending',
  running: 'running',
  succeeded: 'success',
  failed: 'failure',
  cancelled: 'cancelled',
  invalid: 'error',
};

/** The status that is reported for a run; pure. */
export function statusOf(run: RunFacts): { state: StatusState; description: string } {
  return { state: STATE_OF[run.state], description: shortened(describe(run)) };
}

export const shortened = (text: string): string =>
  shorten(text, MAX_DESCRIPTION) === text ? text : `${shorten(text, MAX_DESCRIPTION - 1).trimEnd()}…`;

/** Names what is told apart: pushes, tags and pull requests of one commit are built differently, and none may hide another. */
export function contextOf(repository: string, ref: string): string {
  if (ref.startsWith('refs/pull/')) return `slipway/${repository}/pr`;
  return `slipway/${repository}/${ref.startsWith('refs/tags/') ? 'tag' : 'push'}`;
}

function describe({ state, problem, jobs, durationMs }: RunFacts): string {
  if (state === 'invalid') return `The pipeline can't be read: ${problem ?? 'see the run'}`;
  if (state === 'pending' && jobs.passed === 0) return `Waiting for an agent · ${counted(jobs.total)}`;
  const failed = jobs.failed > 0 ? `, ${jobs.failed} failed` : '';
  const took = durationMs === null ? '' : ` · ${formatDuration(durationMs)}`;
  const cancelled = state === 'cancelled' ? 'Cancelled · ' : '';
  return `${cancelled}${jobs.passed} of ${counted(jobs.total)} passed${failed}${took}`;
}

const counted = (jobs: number): string => (jobs === 1 ? '1 job' : `${jobs} jobs`);

/** As `2m10s`; whole seconds. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours}h${minutes}m`;
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}
