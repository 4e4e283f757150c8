import { describe, expect, it } from 'vitest';
import { LogRows } from './log-rows.ts';

const step = (index: number, line: number) => ({ index, name: `step ${index}`, line, exitCode: 0, durationMs: 1 });
const kinds = (rows: LogRows) =>
  Array.from({ length: rows.count }, (_, row) => {
    const at = rows.at(row);
    return at?.kind === 'line' ? at.line : at?.kind;
  });

describe('LogRows', () => {
  it('puts a header before the first line of each step', () => {
    expect(kinds(new LogRows(5, [step(0, 1), step(1, 3)], new Set()))).toEqual([0, 'step', 'space', 1, 2, 'step', 'space', 3, 4]);
  });

  it('folds the lines of a collapsed step away and finds its lines at its header', () => {
    const rows = new LogRows(5, [step(0, 1), step(1, 3)], new Set([0]));
    expect(kinds(rows)).toEqual([0, 'step', 'space', 'step', 'space', 3, 4]);
    expect(rows.rowOf(2)).toBe(1);
    expect(rows.rowOf(4)).toBe(6);
  });

  it('finds each line in the row that shows it', () => {
    const rows = new LogRows(1_000_000, [step(0, 0), step(1, 400_000)], new Set());
    for (const line of [0, 1, 399_999, 400_000, 999_999]) expect(rows.at(rows.rowOf(line))).toEqual({ kind: 'line', line });
  });

  it('shows the header of a step that has printed nothing yet', () => {
    expect(kinds(new LogRows(2, [step(0, 0), step(1, 2)], new Set()))).toEqual(['step', 'space', 0, 1, 'step', 'space']);
    expect(new LogRows(0, [], new Set()).count).toBe(0);
  });
});
