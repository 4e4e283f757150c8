import { isTerminal, type JobState } from '../jobs/job-state.js';
import { FILTERED } from '../pipelines/decide-run.js';

export type PlannedJob = { id: string; name: string; needs: string[]; state: JobState; reason: string | null };
export type RunPlan = {
  /** Waiting jobs all of whose needs are met. */
  ready: string[];
  /** Waiting jobs that can never start, with the job that is to blame. */
  skip: { id: string; because: string }[];
};

/** What can move next in a run, from the states of its current jobs. Pure; called again after each move. */
export function planRun(jobs: readonly PlannedJob[]): RunPlan {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const plan: RunPlan = { ready: [], skip: [] };
  for (const job of jobs.filter((candidate) => candidate.state === 'waiting')) {
    const needs = job.needs.map((name) => byName.get(name)).filter((need) => need !== undefined);
    const broken = needs.find((need) => isTerminal(need.state) && !isMet(need));
    if (broken) plan.skip.push({ id: job.id, because: broken.name });
    else if (needs.every(isMet)) plan.ready.push(job.id);
  }
  return plan;
}

/** A job that the event of the run does not need counts as done. */
const isMet = ({ state, reason }: PlannedJob): boolean => state === 'succeeded' || (state === 'skipped' && reason === FILTERED);
