import type { DeploymentState, EnvironmentHealth, InstanceState, JobState, RunState } from '../generated/graphql.ts';
import { StateBadge } from '../ui/StateBadge.tsx';
import { useNow } from '../ui/ticker.ts';
import {
  DEPLOYMENT_LOOK,
  HEALTH_LOOK,
  INSTANCE_LOOK,
  isDeploymentOver,
  JOB_LOOK,
  NOTHING_RUNS,
  progressOf,
  RUN_LOOK,
  UNKNOWN,
} from './looks.ts';

type Timed = { startedAt?: string | null; expectedMs?: number | null };
type Look = { compact?: boolean; size?: 'small' | 'large' };

type BadgeRun = { state: RunState; expectedMs?: number | null; workedMs: number; workingSince?: string | null };

export function RunBadge({ run, ...look }: { run: BadgeRun } & Look) {
  const now = useNow(run.state === 'RUNNING' && Boolean(run.workingSince));
  const worked = run.workedMs + (run.workingSince ? now - Date.parse(run.workingSince) : 0);
  const progress = run.state === 'RUNNING' && run.expectedMs ? worked / run.expectedMs : null;
  return <StateBadge look={RUN_LOOK[run.state]} progress={progress} {...look} />;
}

type BadgeJob = Timed & { state: JobState; message?: string | null; queuePosition?: number | null };

/** The state of a job, with the reason why it waits in the server's words, or else its place in the queue. */
export function JobBadge({ job, ...look }: { job: BadgeJob } & Look) {
  const now = useNow(job.state === 'RUNNING');
  const progress = job.state === 'RUNNING' ? progressOf(job.startedAt, job.expectedMs, now) : null;
  return <StateBadge look={JOB_LOOK[job.state]} progress={progress} detail={waitingDetail(job)} {...look} />;
}

export function waitingDetail(job: BadgeJob): string | null {
  if (job.state !== 'WAITING' && job.state !== 'QUEUED') return null;
  if (job.message) return job.message;
  if (!job.queuePosition) return null;
  return job.queuePosition === 1 ? 'next' : `${job.queuePosition - 1} ahead`;
}

export function DeploymentBadge({ deployment, ...look }: { deployment: { state: DeploymentState; percent: number } } & Look) {
  const percent = isDeploymentOver(deployment.state) || deployment.state === 'WAITING' ? null : `${deployment.percent}%`;
  return <StateBadge look={DEPLOYMENT_LOOK[deployment.state]} detail={percent} {...look} />;
}

type Fares = { health?: EnvironmentHealth | null; healthMessage?: string | null };

/** The health of what serves in an environment; details on hover. */
export function HealthBadge({ environment: { health, healthMessage }, ...look }: { environment: Fares } & Look) {
  return <StateBadge look={health ? HEALTH_LOOK[health] : NOTHING_RUNS} hint={healthMessage} {...look} />;
}

/** @param isKnown false: its agent is gone, and its last report says nothing about now */
export function InstanceBadge({ state, isKnown }: { state: InstanceState; isKnown: boolean }) {
  return (
    <StateBadge look={isKnown ? INSTANCE_LOOK[state] : UNKNOWN} hint={isKnown ? null : `${INSTANCE_LOOK[state].word} when last seen`} />
  );
}
