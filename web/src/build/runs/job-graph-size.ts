import { type GraphJob, groupJobs } from './job-groups.ts';

/** Measures of the graph, in pixels. */
export const NODE = { width: 224, height: 52, gapX: 56, gapY: 14 } as const;
export const MARGIN = 16;
const BORDER = 1;
/** However many jobs there are, the log is not pushed out of the window. */
const MAX_HEIGHT = 300;

type Needing = { id: string; needs: readonly string[] };

/**
 * What the graph is given before it is loaded, so that nothing moves when it arrives: as many rows as the fullest column has, within bounds.
 * A column: one past the furthest job that is needed.
 */
export function graphHeight(jobs: readonly GraphJob[]): number {
  const nodes: Needing[] = groupJobs(jobs, new Set());
  const columns = new Map<string, number>();
  // Each round settles one more column; a circle, which the server refuses, never settles and ends the rounds.
  for (let settled = -1; settled < columns.size; ) {
    settled = columns.size;
    for (const { id, needs } of nodes) {
      const before = needs.map((need) => columns.get(need));
      if (before.every((column) => column !== undefined)) columns.set(id, Math.max(-1, ...before) + 1);
    }
  }
  const fullness = new Map<number, number>();
  for (const column of columns.values()) fullness.set(column, (fullness.get(column) ?? 0) + 1);
  const rows = Math.max(1, ...fullness.values());
  return Math.min(MAX_HEIGHT, 2 * (MARGIN + BORDER) + rows * (NODE.height + NODE.gapY) - NODE.gapY);
}
