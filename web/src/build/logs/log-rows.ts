/** A step as the log shows it: a header before its first line. */
export type LogStep = { index: number; name: string; line: number; exitCode: number | null; durationMs: number | null };

/** A header takes {@link HEADER_ROWS} rows: it is drawn over its own and the space that follows. */
export type LogRow = { kind: 'step'; step: LogStep; collapsed: boolean } | { kind: 'space' } | { kind: 'line'; line: number };

const HEADER_ROWS = 2;

type Segment = { step: LogStep | null; firstLine: number; endLine: number; firstRow: number; rows: number; collapsed: boolean };

/**
 * Rows of the viewer: every line that is not folded away, and a header row for each step. Costs a segment a step,
 * whatever the number of lines.
 */
export class LogRows {
  readonly count: number;
  private readonly segments: Segment[] = [];

  constructor(totalLines: number, steps: LogStep[], collapsed: ReadonlySet<number>) {
    const sorted = [...steps].sort((a, b) => a.line - b.line || a.index - b.index);
    let row = 0;
    const add = (step: LogStep | null, firstLine: number, endLine: number) => {
      const folded = step !== null && collapsed.has(step.index);
      const rows = (step ? HEADER_ROWS : 0) + (folded ? 0 : endLine - firstLine);
      this.segments.push({ step, firstLine, endLine, firstRow: row, rows, collapsed: folded });
      row += rows;
    };
    const firstStepLine = Math.min(sorted[0]?.line ?? totalLines, totalLines);
    if (firstStepLine > 0) add(null, 0, firstStepLine);
    sorted.forEach((step, at) => {
      const start = Math.min(step.line, totalLines);
      add(step, start, Math.max(start, Math.min(sorted[at + 1]?.line ?? totalLines, totalLines)));
    });
    this.count = row;
  }

  at(row: number): LogRow | null {
    const segment = this.segmentWhere((each) => row < each.firstRow + each.rows);
    if (!segment || row < 0) return null;
    const within = row - segment.firstRow;
    if (segment.step && within === 0) return { kind: 'step', step: segment.step, collapsed: segment.collapsed };
    if (segment.step && within < HEADER_ROWS) return { kind: 'space' };
    return { kind: 'line', line: segment.firstLine + within - (segment.step ? HEADER_ROWS : 0) };
  }

  /** The row that shows a line; the header of its step when it is folded away. */
  rowOf(line: number): number {
    const segment = this.segmentWhere((each) => line < each.endLine);
    if (!segment) return Math.max(0, this.count - 1);
    if (segment.collapsed) return segment.firstRow;
    return segment.firstRow + (segment.step ? HEADER_ROWS : 0) + Math.max(0, line - segment.firstLine);
  }

  /** The line at a row; for a header, the first line of its step. */
  lineFrom(row: number): number {
    const at = Math.max(0, Math.min(row, this.count - 1));
    const segment = this.segmentWhere((each) => at < each.firstRow + each.rows);
    if (!segment) return 0;
    return segment.firstLine + Math.max(0, at - segment.firstRow - (segment.step ? HEADER_ROWS : 0));
  }

  /** Index of the step that a line is in, if that is folded away. */
  foldedStepOf(line: number): number | null {
    const segment = this.segmentWhere((each) => line < each.endLine);
    return segment?.collapsed ? (segment.step?.index ?? null) : null;
  }

  /** Rows [first, end) of a step, header included. */
  rowsOfStep(index: number): { first: number; end: number } | null {
    const segment = this.segments.find((each) => each.step?.index === index);
    return segment ? { first: segment.firstRow, end: segment.firstRow + segment.rows } : null;
  }

  /** First segment that satisfies a condition which, once true, stays true. */
  private segmentWhere(condition: (segment: Segment) => boolean): Segment | undefined {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (condition(this.segments[middle] as Segment)) high = middle;
      else low = middle + 1;
    }
    return this.segments[low];
  }
}
