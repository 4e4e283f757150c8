import { isJobFailed } from '../../domain/looks.ts';
import type { JobState } from '../../generated/graphql.ts';

type Choosable = { name: string; state: JobState; position: number; startedAt?: string | null };

const UNDER_WAY: ReadonlySet<JobState> = new Set(['ASSIGNED', 'RUNNING', 'CANCELLING']);

/** The job whose log is worth looking at: the first failure; else the first under way; else the last that ran; else the first. */
export function jobToShow<T extends Choosable>(jobs: T[]): T | null {
  const inOrder = [...jobs].sort((a, b) => a.position - b.position);
  return (
    inOrder.find((job) => isJobFailed(job.state)) ??
    inOrder.find((job) => UNDER_WAY.has(job.state)) ??
    inOrder.findLast((job) => Boolean(job.startedAt)) ??
    inOrder[0] ??
    null
  );
}
