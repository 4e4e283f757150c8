import picomatch from 'picomatch';
import type { RunEvent } from './decide-run.js';
import type { EventFilter } from './pipeline.js';

export const EVERYTHING: EventFilter = { branches: [], branchesIgnore: [], tags: [], tagsIgnore: [], paths: [], pathsIgnore: [] };

/** null: the event counts; else why it does not. */
export function fitsFilter(filter: EventFilter, event: RunEvent): { code: string; message: string } | null {
  const branch = event.kind === 'push' ? branchOf(event.ref) : event.baseBranch;
  if (branch === null) return null;
  if (filter.branches.length > 0 && !matches(branch, filter.branches))
    return { code: 'branch_filter', message: `Branch "${branch}" is none of those in "on" (${filter.branches.join(', ')}).` };
  if (matches(branch, filter.branchesIgnore))
    return { code: 'branch_filter', message: `Branch "${branch}" is left out by "branches-ignore" (${filter.branchesIgnore.join(', ')}).` };
  return null;
}

const branchOf = (ref: string): string | null => (ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null);

/** Later patterns win; one beginning with `!` takes a name out again. */
function matches(name: string, patterns: readonly string[]): boolean {
  return patterns.reduce((matched, pattern) => {
    if (pattern.startsWith('!')) return matched && !isMatch(name, pattern.slice(1));
    return matched || isMatch(name, pattern);
  }, false);
}

const isMatch = (name: string, pattern: string): boolean => picomatch(pattern, { dot: true, nonegate: true })(name);
