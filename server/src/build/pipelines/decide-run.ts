import { fitsFilter, looksAtPaths } from './event-filter.js';
import { reachable } from './needs-graph.js';
import type { CompiledPipeline, EventFilter, JobSpec } from './pipeline.js';
import type { RunEvent } from './run-event.js';
import { skipMark } from './skip-mark.js';

/** A job that an event doesn't need: a stable code, and a sentence for people. */
export type JobSkip = { name: string; reason: string; message: string };

/** Whether an event starts a run, and without which of the pipeline's jobs; or why it starts none. */
export type Decision = { start: true; skips: JobSkip[] } | NoRun;
export type NoRun = { start: false; code: string; message: string };

/** Of a job that the event did not need. For those that need it, it is as if it had succeeded. */
export const FILTERED = 'filtered';

/** Pure, and as costly as patterns and names make it. A pipeline that can't be read is decided on by nobody: its run is made, and shown as invalid. */
export function decideRun(pipeline: CompiledPipeline, happened: RunEvent): Decision {
  const marked = noRunFor(happened.message);
  if (marked) return marked;
  const event = affordable(pipeline, happened);
  const filter = filterFor(pipeline.on, event);
  if (!filter) return no('event_not_on', `The pipeline's "on" does not name ${event.kind}.`);
  const reason = fitsFilter(filter, event);
  if (reason) return no(reason.code, reason.message);
  const skips = skipsOf(pipeline.jobs, event);
  if (skips.length < pipeline.jobs.length) return { start: true, skips };
  return no('no_job_needed', `None of the jobs is needed. ${skips[0]?.message ?? ''}`.trim());
}

/** The run that a commit's message asks not to have, whatever the pipeline says; null: it doesn't. */
export function noRunFor(message: string): NoRun | null {
  const mark = skipMark(message);
  return mark === null ? null : no('skip_mark', `The message of the commit says "${mark}".`);
}

/** Whether a decision depends on changed paths: finding them out costs a comparison of trees. */
export function needsChangedPaths({ on, jobs }: CompiledPipeline, kind: RunEvent['kind']): boolean {
  const key = kind === 'push' ? 'push' : 'pullRequest';
  return looksAtPaths(on[key]) || jobs.some((job) => job.on !== null && looksAtPaths(job.on[key]));
}

function skipsOf(jobs: readonly JobSpec[], event: RunEvent): JobSkip[] {
  const skips = new Map<string, JobSkip>();
  for (const job of jobs) {
    const why = unneeded(job, event);
    if (why) skips.set(job.name, { name: job.name, reason: FILTERED, message: why });
  }
  for (const job of jobs) {
    const maker = skips.has(job.name) ? undefined : makerOfRelease(job, jobs);
    const why = maker && skips.get(maker.name);
    if (why)
      skips.set(job.name, {
        name: job.name,
        reason: FILTERED,
        message: `There is nothing to deploy, because "${why.name}" was not needed. ${why.message}`,
      });
  }
  return [...skips.values()];
}

function unneeded({ on }: JobSpec, event: RunEvent): string | null {
  if (on === null) return null;
  const filter = filterFor(on, event);
  if (!filter) return `The job's "on" does not name ${event.kind}.`;
  return fitsFilter(filter, event)?.message ?? null;
}

/** The job whose artifact a deploy job releases. */
function makerOfRelease(job: JobSpec, jobs: readonly JobSpec[]): JobSpec | undefined {
  const { deploy } = job;
  if (!deploy) return undefined;
  const byName = new Map(jobs.map((other) => [other.name, other]));
  const before = reachable(job.needs, (name) => byName.get(name)?.needs ?? []);
  return before.map((name) => byName.get(name)).find((other) => other?.artifacts.some((artifact) => artifact.name === deploy.app.artifact));
}

const filterFor = (on: { push: EventFilter | null; pullRequest: EventFilter | null }, event: RunEvent): EventFilter | null =>
  event.kind === 'push' ? on.push : on.pullRequest;

/** Characters of patterns times characters of paths: two seconds at worst, and usually a fiftieth of that. See decideApart. */
const MOST_WORK = 60_000_000;

/** All paths count when comparing them with each pattern would take too long. */
function affordable({ on, jobs }: CompiledPipeline, event: RunEvent): RunEvent {
  const paths = event.changedPaths;
  if (paths === null) return event;
  const filters = [on, ...jobs.map((job) => job.on)].flatMap((each) => [each?.push, each?.pullRequest]);
  const patterns = filters.flatMap((filter) => [...(filter?.paths ?? []), ...(filter?.pathsIgnore ?? [])]);
  return lengthOf(patterns) * lengthOf(paths) > MOST_WORK ? { ...event, changedPaths: null } : event;
}

const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0);

const no = (code: string, message: string): NoRun => ({ start: false, code, message });
