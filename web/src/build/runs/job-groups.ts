import type { JobState } from '../../generated/graphql.ts';

export type GraphJob = { name: string; kind: string; state: JobState; needs: readonly string[]; position: number };

/** A node of the graph: one job, or many of one shape. */
export type JobGroup<T extends GraphJob = GraphJob> = { id: string; label: string; jobs: [T, ...T[]]; needs: string[] };

/** So many jobs of one shape are drawn as one. */
const FOLD_FROM = 5;

/**
 * Jobs of one kind that need the same and are needed by the same are alike, and many of them say no more than one does.
 * @param unfolded ids of groups that are drawn job by job all the same
 */
export function groupJobs<T extends GraphJob>(jobs: readonly T[], unfolded: ReadonlySet<string>): JobGroup<T>[] {
  const names = new Set(jobs.map((job) => job.name));
  const neededBy = new Map<string, string[]>();
  for (const { name, needs } of jobs) for (const need of needs) neededBy.set(need, [...(neededBy.get(need) ?? []), name]);
  const shapeOf = ({ name, kind, needs }: T) => JSON.stringify([kind, [...needs].sort(), (neededBy.get(name) ?? []).sort()]);
  const inOrder = [...jobs].sort((a, b) => a.position - b.position);
  const shapes = Map.groupBy(inOrder, shapeOf);
  const groups = [...shapes].flatMap(([id, alike]) =>
    alike.length < FOLD_FROM || unfolded.has(id) ? alike.map((job) => groupOf(job.name, [job])) : [groupOf(id, alike)],
  );
  const groupOfJob = new Map(groups.flatMap((group) => group.jobs.map((job) => [job.name, group.id])));
  for (const group of groups) {
    const needs = group.jobs[0].needs.filter((need) => names.has(need)).map((need) => groupOfJob.get(need) as string);
    group.needs = [...new Set(needs)];
  }
  return groups;
}

function groupOf<T extends GraphJob>(id: string, jobs: T[]): JobGroup<T> {
  const [first, ...others] = jobs as [T, ...T[]];
  return { id, label: others.length === 0 ? first.name : `${jobs.length} × ${sharedName(jobs)}`, jobs: [first, ...others], needs: [] };
}

/** The common beginning of the names, up to a whole word; otherwise their kind. */
function sharedName(jobs: readonly GraphJob[]): string {
  const [first = '', ...others] = jobs.map((job) => job.name);
  let length = first.length;
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length--;
  const stem = first.slice(0, length).replace(/[^\p{L}]*$/u, '');
  const isWhole = (name: string) => !/^\p{L}/u.test(name.slice(stem.length));
  return stem !== '' && [first, ...others].every(isWhole) ? stem : `${jobs[0]?.kind.toLowerCase()} jobs`;
}

/** The job that speaks for many: one that failed, else one that goes on, else one that is still to come, else any. */
const SPEAKS: readonly JobState[] = [
  'FAILED',
  'TIMED_OUT',
  'RUNNING',
  'CANCELLING',
  'ASSIGNED',
  'QUEUED',
  'WAITING',
  'CANCELLED',
  'SUCCEEDED',
  'SKIPPED',
];

export function speaker<T extends GraphJob>(jobs: readonly [T, ...T[]]): T {
  return jobs.reduce((best, job) => (SPEAKS.indexOf(job.state) < SPEAKS.indexOf(best.state) ? job : best));
}
