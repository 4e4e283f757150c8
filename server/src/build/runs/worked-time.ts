/**
 * How long a run took: the time in which at least one of its current jobs was running. Time in between, such as a wait for an agent, for an
 * environment or for somebody who retries a job a day later, does not count, and neither do jobs that were retried. So a run that succeeded at once
 * and one that needed a retry can be compared.
 */
export type WorkedTime = {
  /** Of what is over, milliseconds. */
  workedMs: number;
  /** Since when without a break something is being worked on; its time is not in `workedMs` yet. null: nothing is. */
  workingSince: Date | null;
};

/** SQL for the stretches of time in which jobs of a run were worked on, as a multirange; null when none ever was. @param run expression for its id */
const stretches = (run: string) => /* sql */ `(select
    range_agg(tstzrange(j.started_at, case when j.finished_at is not null then greatest(j.started_at, j.finished_at) end)) from jobs j
  where j.run_id = ${run} and j.is_current and j.started_at is not null and (j.finished_at is not null or j.state in ('running', 'cancelling')))`;

/** SQL for {@link WorkedTime.workedMs}. */
export const workedMs = (
  run: string,
): string => /* sql */ `(select coalesce(round(sum(extract(epoch from upper(s) - lower(s))) * 1000), 0)::float8
  from unnest(${stretches(run)}) s where not upper_inf(s))`;

/** SQL for {@link WorkedTime.workingSince}. */
export const workingSince = (run: string): string => /* sql */ `(select lower(s) from unnest(${stretches(run)}) s where upper_inf(s))`;
