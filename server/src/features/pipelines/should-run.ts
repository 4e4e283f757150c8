import picomatch from 'picomatch';
import type { CompiledPipeline } from './pipeline.js';

/** Whether a push to `branch` starts a run. Patterns as in file names: `*` stays within a slash, `**` does not. */
export function shouldRun({ on }: CompiledPipeline, branch: string): boolean {
  if (!on.push) return false;
  const { branches, branchesIgnore } = on.push;
  return (branches.length === 0 || matches(branch, branches)) && !matches(branch, branchesIgnore);
}

/** Later patterns win; one beginning with `!` takes a branch out again. */
function matches(branch: string, patterns: readonly string[]): boolean {
  return patterns.reduce((matched, pattern) => {
    if (pattern.startsWith('!')) return matched && !isMatch(branch, pattern.slice(1));
    return matched || isMatch(branch, pattern);
  }, false);
}

const isMatch = (branch: string, pattern: string): boolean => picomatch(pattern, { dot: true, nonegate: true })(branch);
