import { anyOf, matchesAny } from '@slipway/protocol';
import type { EventFilter } from './pipeline.js';
import type { ChangedPaths, RunEvent } from './run-event.js';

export const EVERYTHING: EventFilter = { branches: [], branchesIgnore: [], tags: [], tagsIgnore: [], paths: [], pathsIgnore: [] };
/** What pushes count when a pipeline does not say: tags mark what is built already, and would deploy it once more. */
export const EVERY_BRANCH: EventFilter = { ...EVERYTHING, branches: ['**'] };

export type Unfit = { code: 'branch_filter' | 'tag_filter' | 'path_filter'; message: string };

/** null: the event counts; else why it does not. */
export function fitsFilter(filter: EventFilter, event: RunEvent): Unfit | null {
  const tag = event.kind === 'push' ? nameIn('refs/tags/', event.ref) : null;
  // Paths are not checked for tags, because the commit was pushed before.
  if (tag !== null) return unfitTag(filter, tag);
  const branch = event.kind === 'push' ? (nameIn('refs/heads/', event.ref) ?? event.ref) : event.baseBranch;
  return unfitBranch(filter, branch) ?? unfitPaths(filter, event.changedPaths);
}

/** Whether an answer of `fitsFilter` may depend on changed paths, so that they have to be found out. */
export const looksAtPaths = (filter: EventFilter | null): boolean =>
  filter !== null && (filter.paths.length > 0 || filter.pathsIgnore.length > 0);

/** Filters for one kind of ref alone leave the other kind out altogether. */
function unfitBranch({ branches, branchesIgnore, tags, tagsIgnore }: EventFilter, branch: string): Unfit | null {
  const unfit = (message: string): Unfit => ({ code: 'branch_filter', message });
  if (branches.length > 0)
    return matchesAny(branch, branches) ? null : unfit(`Branch "${branch}" matches none of "branches" (${shown(branches)}).`);
  if (branchesIgnore.length > 0)
    return matchesAny(branch, branchesIgnore)
      ? unfit(`Branch "${branch}" is excluded by "branches-ignore" (${shown(branchesIgnore)}).`)
      : null;
  if (tags.length + tagsIgnore.length === 0) return null;
  return unfit(`The filters name only tags, and "${branch}" is a branch. Add "branches" to include branches.`);
}

function unfitTag({ branches, branchesIgnore, tags, tagsIgnore }: EventFilter, tag: string): Unfit | null {
  const unfit = (message: string): Unfit => ({ code: 'tag_filter', message });
  if (tags.length > 0) return matchesAny(tag, tags) ? null : unfit(`Tag "${tag}" matches none of "tags" (${shown(tags)}).`);
  if (tagsIgnore.length > 0)
    return matchesAny(tag, tagsIgnore) ? unfit(`Tag "${tag}" is excluded by "tags-ignore" (${shown(tagsIgnore)}).`) : null;
  if (branches.length + branchesIgnore.length === 0) return null;
  return unfit(`The filters name only branches, and "${tag}" is a tag. Add "tags" to include tags.`);
}

function unfitPaths({ paths, pathsIgnore }: EventFilter, changed: ChangedPaths): Unfit | null {
  if (changed === null) return null;
  const unfit = (message: string): Unfit => ({ code: 'path_filter', message });
  if (paths.length > 0) {
    const fits = anyOf(paths);
    return changed.some(fits) ? null : unfit(`No changed file matches "paths" (${shown(paths)}).`);
  }
  if (pathsIgnore.length === 0 || changed.length === 0) return null;
  const ignored = anyOf(pathsIgnore);
  return changed.every(ignored) ? unfit(`All changed files are excluded by "paths-ignore" (${shown(pathsIgnore)}).`) : null;
}

const nameIn = (folder: string, ref: string): string | null => (ref.startsWith(folder) ? ref.slice(folder.length) : null);

const MOST_SHOWN = 10;
const shown = (patterns: readonly string[]): string =>
  patterns.length > MOST_SHOWN ? `${patterns.slice(0, MOST_SHOWN).join(', ')}, …` : patterns.join(', ');
