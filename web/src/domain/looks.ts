import type {
  DeploymentState,
  EnvironmentHealth,
  InstanceState,
  JobState,
  MirrorState,
  RunState,
  WebhookDeliveryState,
} from '../generated/graphql.ts';
import type { StateLook } from '../ui/StateBadge.tsx';

/** The appearance of states: each state of the domain has one look, and it is defined only here. */
export const RUN_LOOK: Record<RunState, StateLook> = {
  PENDING: { shape: 'ring', tone: 'neutral', word: 'Pending' },
  RUNNING: { shape: 'arc', tone: 'accent', word: 'Running' },
  SUCCEEDED: { shape: 'tick', tone: 'positive', word: 'Succeeded' },
  FAILED: { shape: 'cross', tone: 'negative', word: 'Failed' },
  CANCELLED: { shape: 'slash', tone: 'muted', word: 'Cancelled' },
  INVALID: { shape: 'cross', tone: 'negative', word: 'Invalid' },
};

export const JOB_LOOK: Record<JobState, StateLook> = {
  WAITING: { shape: 'hourglass', tone: 'neutral', word: 'Waiting' },
  QUEUED: { shape: 'ring', tone: 'neutral', word: 'Queued' },
  ASSIGNED: { shape: 'ring', tone: 'accent', word: 'Starting' },
  RUNNING: { shape: 'arc', tone: 'accent', word: 'Running' },
  CANCELLING: { shape: 'arc', tone: 'warning', word: 'Cancelling' },
  SUCCEEDED: { shape: 'tick', tone: 'positive', word: 'Succeeded' },
  FAILED: { shape: 'cross', tone: 'negative', word: 'Failed' },
  CANCELLED: { shape: 'slash', tone: 'muted', word: 'Cancelled' },
  TIMED_OUT: { shape: 'clock', tone: 'negative', word: 'Timed out' },
  SKIPPED: { shape: 'dash', tone: 'muted', word: 'Skipped' },
};

export const DEPLOYMENT_LOOK: Record<DeploymentState, StateLook> = {
  WAITING: { shape: 'hourglass', tone: 'neutral', word: 'Waiting' },
  PROVISIONING: { shape: 'arrow', tone: 'accent', word: 'Provisioning' },
  ROLLING_OUT: { shape: 'arrow', tone: 'accent', word: 'Rolling out' },
  PAUSED: { shape: 'bars', tone: 'attention', word: 'Paused' },
  VERIFYING: { shape: 'arrow', tone: 'accent', word: 'Verifying' },
  SUCCEEDED: { shape: 'tick', tone: 'positive', word: 'Succeeded' },
  ROLLING_BACK: { shape: 'back', tone: 'warning', word: 'Rolling back' },
  ROLLED_BACK: { shape: 'back', tone: 'negative', word: 'Rolled back' },
  FAILED: { shape: 'cross', tone: 'negative', word: 'Failed' },
  SUPERSEDED: { shape: 'chevron', tone: 'muted', word: 'Superseded' },
  CANCELLED: { shape: 'slash', tone: 'muted', word: 'Cancelled' },
};

export const INSTANCE_LOOK: Record<InstanceState, StateLook> = {
  STARTING: { shape: 'arc', tone: 'accent', word: 'Starting' },
  HEALTHY: { shape: 'tick', tone: 'positive', word: 'Healthy' },
  UNHEALTHY: { shape: 'cross', tone: 'negative', word: 'Unhealthy' },
  DRAINING: { shape: 'arrow', tone: 'neutral', word: 'Draining' },
  STOPPED: { shape: 'dash', tone: 'muted', word: 'Stopped' },
};

/** There is no recent observation: the last one says nothing about now. */
export const UNKNOWN: StateLook = { shape: 'question', tone: 'warning', word: 'Unknown' };

export const HEALTH_LOOK: Record<EnvironmentHealth, StateLook> = {
  UNKNOWN,
  UNHEALTHY: INSTANCE_LOOK.UNHEALTHY,
  STARTING: INSTANCE_LOOK.STARTING,
  DEGRADED: { shape: 'alert', tone: 'warning', word: 'Degraded' },
  UNSTABLE: { shape: 'alert', tone: 'attention', word: 'Unstable' },
  HEALTHY: INSTANCE_LOOK.HEALTHY,
};

export const MIRROR_LOOK: Record<MirrorState, StateLook> = {
  FRESH: { shape: 'tick', tone: 'positive', word: 'Fresh' },
  FETCHING: { shape: 'arc', tone: 'accent', word: 'Fetching' },
  STALE: { shape: 'clock', tone: 'warning', word: 'Stale' },
};

export const DELIVERY_LOOK: Record<WebhookDeliveryState, StateLook> = {
  RECEIVED: { shape: 'ring', tone: 'accent', word: 'Received' },
  HANDLED: { shape: 'tick', tone: 'positive', word: 'Handled' },
  IGNORED: { shape: 'dash', tone: 'muted', word: 'Ignored' },
  FAILED: { shape: 'cross', tone: 'negative', word: 'Failed' },
};

export const NOTHING_RUNS: StateLook = { shape: 'dash', tone: 'muted', word: 'Nothing runs' };

const RUN_OVER: ReadonlySet<RunState> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED', 'INVALID']);
const JOB_OVER: ReadonlySet<JobState> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED', 'TIMED_OUT', 'SKIPPED']);
const JOB_FAILED: ReadonlySet<JobState> = new Set(['FAILED', 'TIMED_OUT']);
const DEPLOYMENT_OVER: ReadonlySet<DeploymentState> = new Set(['SUCCEEDED', 'ROLLED_BACK', 'FAILED', 'SUPERSEDED', 'CANCELLED']);

export const isRunOver = (state: RunState) => RUN_OVER.has(state);
export const isJobOver = (state: JobState) => JOB_OVER.has(state);
export const isJobFailed = (state: JobState) => JOB_FAILED.has(state);
export const isDeploymentOver = (state: DeploymentState) => DEPLOYMENT_OVER.has(state);

/** 0–1 of the expected duration, or null when it is unknown or not running. */
export function progressOf(startedAt: string | null | undefined, expectedMs: number | null | undefined, nowMs: number): number | null {
  if (!startedAt || !expectedMs) return null;
  return (nowMs - Date.parse(startedAt)) / expectedMs;
}
