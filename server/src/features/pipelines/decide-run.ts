import { fitsFilter } from './event-filter.js';
import type { CompiledPipeline } from './pipeline.js';

/** What has happened to a repository. */
export type RunEvent =
  | { kind: 'push' /** refs/heads/… or refs/tags/… */; ref: string; message: string; changedPaths: ChangedPaths }
  | { kind: 'pull_request'; baseBranch: string; message: string; changedPaths: ChangedPaths };

/** Paths of files that differ from what was there before; null where there is nothing to compare with, or too much: then all of them count. */
export type ChangedPaths = readonly string[] | null;

/** A job that an event doesn't need: a stable code, and a sentence for people. */
export type JobSkip = { name: string; reason: string; message: string };

/** Whether an event starts a run, and without which of the pipeline's jobs; or why it starts none. */
export type Decision = { start: true; skips: JobSkip[] } | { start: false; code: string; message: string };

/** Pure. A pipeline that can't be read is decided on by nobody: its run is made, and shown as invalid. */
export function decideRun({ on }: CompiledPipeline, event: RunEvent): Decision {
  const filter = event.kind === 'push' ? on.push : on.pullRequest;
  if (!filter) return no('event_not_on', `The pipeline's "on" does not name ${event.kind}.`);
  const reason = fitsFilter(filter, event);
  return reason === null ? { start: true, skips: [] } : no(reason.code, reason.message);
}

const no = (code: string, message: string): Decision => ({ start: false, code, message });
