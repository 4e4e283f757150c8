import { asList } from './as-list.js';
import type { EventFilterFile, JobFile, PipelineFile } from './pipeline-schema.js';
import type { Path } from './yaml-source.js';

/** A remedy that is costly to find is found when it is shown. */
export type Report = (path: Path, message: string, remedy: string | (() => string)) => void;

const PAIRS = [
  ['branches', 'branches-ignore'],
  ['tags', 'tags-ignore'],
  ['paths', 'paths-ignore'],
] as const;

/** Filters that contradict each other, or can't ever let anything through. */
export function checkFilters(place: Path, on: PipelineFile['on'] | JobFile['on'], report: Report): void {
  if (typeof on !== 'object' || Array.isArray(on)) return;
  for (const event of ['push', 'pull_request'] as const) {
    const filter: EventFilterFile | null | undefined = on[event];
    if (filter) checkFilter([...place, event], filter, report);
  }
}

function checkFilter(place: Path, filter: EventFilterFile, report: Report): void {
  for (const [only, ignore] of PAIRS) {
    if (filter[only] !== undefined && filter[ignore] !== undefined)
      report(
        [...place, ignore],
        `"${only}" and "${ignore}" can't be used together.`,
        `Keep "${only}", and exclude with "!": ${only}: ['**', '!${asList(filter[ignore])[0]}'].`,
      );
    checkPatterns([...place, only], asList(filter[only]), report);
  }
}

function checkPatterns(place: Path, patterns: readonly string[], report: Report): void {
  if (patterns.length === 0 || !patterns.every((pattern) => pattern.startsWith('!'))) return;
  report(place, 'A pattern with "!" excludes from those before it, and there are none.', `Write a pattern to include first, e.g. '**'.`);
}
