import { isStorableText } from '../../platform/storable.js';
import type { CompiledPipeline, PipelineProblem } from './pipeline.js';

export type Compiled = { pipeline: CompiledPipeline; problems: [] } | { pipeline: null; problems: PipelineProblem[] };

/** Nobody reads more than this before mending the first. */
const MAX_PROBLEMS = 50;

export const refused = (problems: PipelineProblem[]): Compiled => ({
  pipeline: null,
  problems: problems.slice(0, MAX_PROBLEMS).map(storable),
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
