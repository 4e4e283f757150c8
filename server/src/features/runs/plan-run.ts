import { isTerminal, type JobState } from '../jobs/job-state.js';

export type PlannedJob = { id: string; name: string; needs: string[]; state: JobState };
export type RunPlan = {
  /** Waiting jobs all of whose needs have succeeded. */
  ready: string[];
  /** Waiting jobs that can never start, with the job that is to blame. */
  skip: { id: string; because: string }[];
};

/** What may move next in a run, from the states of its current jobs. Pure; asked again after each move. */
export function planRun(jobs: readonly PlannedJob[]): RunPlan {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const plan: RunPlan = { ready: [], skip: [] };
  for (const job of jobs.filter((candidate) => candidate.state === 'waiting')) {
    const needs = job.needs.map((name) => byName.get(name)).filter((need) => need !== undefined);
    const broken = needs.find((need) => isTerminal(need.state) && need.state !== 'succeeded');
    if (broken) plan.skip.push({ id: job.id, because: broken.name });
    else if (needs.every((need) => need.state === 'succeeded')) plan.ready.push(job.id);
  }
  return plan;
}
