import { deploys } from '@slipway/protocol';
import { validate } from 'uuid';
import type { JobQueries, JobView } from '../build/jobs/job.queries.js';
import { isTerminal, type JobState } from '../build/jobs/job-state.js';
import type { DeploymentQueries, DeploymentView } from '../deliver/deployments/deployment.queries.js';
import { type DeploymentState, percentOf } from '../deliver/deployments/deployment-state.js';
import type { Target } from '../people/access/access.js';

export const DEPLOYMENT_STATUSES = ['waiting', 'in-progress', 'completed', 'failed', 'rolled-back', 'cancelled'] as const;
export type DeploymentStatus = (typeof DEPLOYMENT_STATUSES)[number];

/** What a deployment's state is called here. */
const STATUS_OF: Record<DeploymentState, DeploymentStatus> = {
  waiting: 'waiting',
  provisioning: 'in-progress',
  rolling_out: 'in-progress',
  paused: 'in-progress',
  verifying: 'in-progress',
  succeeded: 'completed',
  rolling_back: 'in-progress',
  rolled_back: 'rolled-back',
  failed: 'failed',
  superseded: 'cancelled',
  cancelled: 'cancelled',
};

/** Of a deploy job whose run has not come to its deployment, or never will: what it needs is under way, or did not succeed. */
const STATUS_BEFORE: Record<JobState, DeploymentStatus> = {
  waiting: 'in-progress',
  queued: 'in-progress',
  assigned: 'in-progress',
  running: 'in-progress',
  cancelling: 'in-progress',
  succeeded: 'completed',
  failed: 'failed',
  timed_out: 'failed',
  skipped: 'failed',
  cancelled: 'cancelled',
};

export type DeploymentReads = {
  deployments: Pick<DeploymentQueries, 'byIds' | 'ofJobs'>;
  jobs: Pick<JobQueries, 'byIds' | 'ofRuns'>;
};

export type FoundDeployment = { target: Target } & ({ deployment: DeploymentView } | { job: JobView });

/** By the id of the deployment, or of its deploy job, which is there before the deployment is. */
export async function findDeployment({ deployments, jobs }: DeploymentReads, id: string): Promise<FoundDeployment | null> {
  if (!validate(id)) return null;
  const [[own], [ofJob], [job]] = await Promise.all([deployments.byIds([id]), deployments.ofJobs([id]), jobs.byIds([id])]);
  const deployment = own ?? ofJob;
  if (deployment) return { target: { thing: own ? 'deployment' : 'job', id }, deployment };
  return job && deploys(job) ? { target: { thing: 'job', id }, job } : null;
}

export async function deploymentStatus(
  { jobs }: DeploymentReads,
  found: FoundDeployment,
): Promise<{ status: DeploymentStatus; details: string }> {
  if ('deployment' in found) return { status: STATUS_OF[found.deployment.state], details: describe(found.deployment) };
  const { job } = found;
  return { status: STATUS_BEFORE[job.state], details: describeBefore(job, (await jobs.ofRuns([job.runId])).flat()) };
}

const ENDED: Partial<Record<DeploymentState, string>> = {
  succeeded: 'Deployment is 100% complete',
  rolling_back: 'Deployment is being rolled back',
  rolled_back: 'Deployment was rolled back',
  failed: 'Deployment failed',
  superseded: 'Deployment was superseded',
  cancelled: 'Deployment was cancelled',
};

export const describe = ({ state, message }: Pick<DeploymentView, 'state' | 'message'>): string =>
  sentence(ENDED[state] ?? `Deployment is ${percentOf(state)}% complete${state === 'paused' ? ' and paused' : ''}`, message);

/** Nothing is deployed yet, however much is built. */
export function describeBefore(
  { state, message }: Pick<JobView, 'state' | 'message'>,
  jobs: readonly Pick<JobView, 'kind' | 'state'>[],
): string {
  if (state === 'cancelled') return sentence('Deployment was cancelled', message);
  if (isTerminal(state)) return sentence('Deployment failed', message);
  const before = jobs.filter((job) => !deploys(job));
  const done = before.filter((job) => isTerminal(job.state)).length;
  return sentence('Deployment is 0% complete', message ?? `the jobs that it needs are under way, ${done} of ${before.length} done.`);
}

const sentence = (what: string, why: string | null): string => (why ? `${what}: ${why}` : `${what}.`);
