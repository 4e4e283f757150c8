import type { DeploymentState, InstanceState, JobState, MirrorState, RunState, WebhookDeliveryState } from '../../generated/graphql.ts';
import type { StateLook } from '../../ui/StateBadge.tsx';

/** The language of states: each state of the domain has one look, and it is given here alone. */
export const RUN_LOOK: Record<RunState, StateLook> = {
  pending: { shape: 'ring', tone: 'neutral', word: 'Pending' },
  running: { shape: 'arc', tone: 'accent', word: 'Running' },
  succeeded: { shape: 'tick', tone: 'positive', word: 'Succeeded' },
  failed: { shape: 'cross', tone: 'negative', word: 'Failed' },
  cancelled: { shape: 'slash', tone: 'muted', word: 'Cancelled' },
  invalid: { shape: 'cross', tone: 'negative', word: 'Invalid' },
};

export const JOB_LOOK: Record<JobState, StateLook> = {
  waiting: { shape: 'hourglass', tone: 'neutral', word: 'Waiting' },
  queued: { shape: 'ring', tone: 'neutral', word: 'Queued' },
  assigned: { shape: 'ring', tone: 'accent', word: 'Starting' },
  running: { shape: 'arc', tone: 'accent', word: 'Running' },
  cancelling: { shape: 'arc', tone: 'warning', word: 'Cancelling' },
  succeeded: { shape: 'tick', tone: 'positive', word: 'Succeeded' },
  failed: { shape: 'cross', tone: 'negative', word: 'Failed' },
  cancelled: { shape: 'slash', tone: 'muted', word: 'Cancelled' },
  timed_out: { shape: 'clock', tone: 'negative', word: 'Timed out' },
  skipped: { shape: 'dash', tone: 'muted', word: 'Skipped' },
};

export const DEPLOYMENT_LOOK: Record<DeploymentState, StateLook> = {
  waiting: { shape: 'hourglass', tone: 'neutral', word: 'Waiting' },
  provisioning: { shape: 'arrow', tone: 'accent', word: 'Provisioning' },
  rolling_out: { shape: 'arrow', tone: 'accent', word: 'Rolling out' },
  paused: { shape: 'bars', tone: 'attention', word: 'Paused' },
  verifying: { shape: 'arrow', tone: 'accent', word: 'Verifying' },
  succeeded: { shape: 'tick', tone: 'positive', word: 'Succeeded' },
  rolling_back: { shape: 'back', tone: 'warning', word: 'Rolling back' },
  rolled_back: { shape: 'back', tone: 'negative', word: 'Rolled back' },
  failed: { shape: 'cross', tone: 'negative', word: 'Failed' },
  superseded: { shape: 'chevron', tone: 'muted', word: 'Superseded' },
  cancelled: { shape: 'slash', tone: 'muted', word: 'Cancelled' },
};

export const INSTANCE_LOOK: Record<InstanceState, StateLook> = {
  starting: { shape: 'arc', tone: 'accent', word: 'Starting' },
  healthy: { shape: 'tick', tone: 'positive', word: 'Healthy' },
  unhealthy: { shape: 'cross', tone: 'negative', word: 'Unhealthy' },
  draining: { shape: 'arrow', tone: 'neutral', word: 'Draining' },
  stopped: { shape: 'dash', tone: 'muted', word: 'Stopped' },
};

export const MIRROR_LOOK: Record<MirrorState, StateLook> = {
  fresh: { shape: 'tick', tone: 'positive', word: 'Fresh' },
  fetching: { shape: 'arc', tone: 'accent', word: 'Fetching' },
  stale: { shape: 'clock', tone: 'warning', word: 'Stale' },
};

export const DELIVERY_LOOK: Record<WebhookDeliveryState, StateLook> = {
  received: { shape: 'ring', tone: 'accent', word: 'Received' },
  handled: { shape: 'tick', tone: 'positive', word: 'Handled' },
  ignored: { shape: 'dash', tone: 'muted', word: 'Ignored' },
  failed: { shape: 'cross', tone: 'negative', word: 'Failed' },
};

export const NOTHING_RUNS: StateLook = { shape: 'dash', tone: 'muted', word: 'Nothing runs' };

const RUN_OVER: ReadonlySet<RunState> = new Set(['succeeded', 'failed', 'cancelled', 'invalid']);
const JOB_OVER: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'cancelled', 'timed_out', 'skipped']);
const JOB_FAILED: ReadonlySet<JobState> = new Set(['failed', 'timed_out']);
const DEPLOYMENT_OVER: ReadonlySet<DeploymentState> = new Set(['succeeded', 'rolled_back', 'failed', 'superseded', 'cancelled']);

export const isRunOver = (state: RunState) => RUN_OVER.has(state);
export const isJobOver = (state: JobState) => JOB_OVER.has(state);
export const isJobFailed = (state: JobState) => JOB_FAILED.has(state);
export const isDeploymentOver = (state: DeploymentState) => DEPLOYMENT_OVER.has(state);

/** 0–1 of the expected duration, or null when it is unknown or not running. */
export function progressOf(startedAt: string | null | undefined, expectedMs: number | null | undefined, nowMs: number): number | null {
  if (!startedAt || !expectedMs) return null;
  return (nowMs - Date.parse(startedAt)) / expectedMs;
}
