import { isStorableText } from '../../platform/storable.js';
import type { CompiledPipeline, PipelineProblem } from './pipeline.js';

export type Compiled = { pipeline: CompiledPipeline; problems: [] } | { pipeline: null; problems: PipelineProblem[] };

/** Nobody reads more problems than this before fixing the first. */
export const MAX_PROBLEMS = 50;

/** Takes only as many problems as are shown; if there are more, the last one says so. */
export function refused(problems: Iterable<PipelineProblem>): Compiled {
  const shown = Iterator.from(problems)
    .take(MAX_PROBLEMS + 1)
    .map(storable)
    .toArray();
  if (shown.length > MAX_PROBLEMS) shown.splice(MAX_PROBLEMS, 1, andOthers(shown[0]?.file ?? ''));
  return { pipeline: null, problems: shown };
}

const andOthers = (file: string): PipelineProblem => ({
  file,
  line: null,
  column: null,
  message: `There are more than these ${MAX_PROBLEMS} problems; reading stopped here.`,
  remedy: 'Fix these first. The next run shows the remaining ones.',
});

/** Problems quote the file, and Postgres keeps neither NUL nor half a character. */
const storable = (problem: PipelineProblem): PipelineProblem => ({
  ...problem,
  message: shown(problem.message),
  remedy: shown(problem.remedy),
});

const shown = (text: string): string => text.toWellFormed().replaceAll('\0', '\\0');

/** @param value a tree, without circles */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner));
}
