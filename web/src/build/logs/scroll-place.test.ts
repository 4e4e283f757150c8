import { describe, expect, it } from 'vitest';
import { drawnRange, isExact, MAX_SCROLL_PX, moveBy, placeAt, scrollHeight, scrollTopAt, withinRows } from './scroll-place.ts';

const extent = (rows: number) => ({ rows, rowPx: 20, viewportPx: 600 });

describe('the place in a log', () => {
  it('is the scroll position itself while the log is short enough', () => {
    expect(isExact(extent(1000), false)).toBe(true);
    expect(placeAt(230, extent(1000))).toEqual({ kind: 'row', row: 11, offsetPx: 10 });
    expect(placeAt(1000 * 20 - 600, extent(1000))).toEqual({ kind: 'bottom' });
  });

  it('stays below what browsers can scroll, for any number of rows', () => {
    expect(scrollHeight(extent(50_000_000))).toBe(MAX_SCROLL_PX);
  });

  it('is found again from its own scroll position, beyond that height too', () => {
    for (const rows of [1000, 1_000_000, 50_000_000]) {
      const place = { kind: 'row' as const, row: Math.floor(rows * 0.37), offsetPx: 0 };
      const found = placeAt(scrollTopAt(place, extent(rows)), extent(rows));
      expect(found.kind === 'row' && Math.abs(found.row - place.row)).toBeLessThanOrEqual(1);
    }
  });

  it('moves by pixels over rows of different heights, up and down', () => {
    const heightOf = (row: number) => (row === 2 ? 100 : 20);
    expect(moveBy({ row: 1, offsetPx: 10 }, 60, 10, heightOf)).toEqual({ kind: 'row', row: 2, offsetPx: 50 });
    expect(moveBy({ row: 3, offsetPx: 0 }, -30, 10, heightOf)).toEqual({ kind: 'row', row: 2, offsetPx: 70 });
    expect(moveBy({ row: 1, offsetPx: 0 }, -500, 10, heightOf)).toEqual({ kind: 'row', row: 0, offsetPx: 0 });
  });

  it('draws what is in view and a little around it, at the bottom the last rows, and never past either end', () => {
    const bottom = { kind: 'bottom' } as const;
    const row = (row: number) => ({ kind: 'row', row, offsetPx: 0 }) as const;
    expect(drawnRange(row(500), extent(1000))).toEqual({ first: 470, viewFirst: 500, viewEnd: 531, end: 561 });
    expect(drawnRange(bottom, extent(1000))).toEqual({ first: 939, viewFirst: 969, viewEnd: 1000, end: 1000 });
    expect(drawnRange(row(2000), extent(1000))).toEqual({ first: 969, viewFirst: 999, viewEnd: 1000, end: 1000 });
    expect(drawnRange(bottom, extent(3))).toEqual({ first: 0, viewFirst: 0, viewEnd: 3, end: 3 });
    expect(drawnRange(bottom, extent(0))).toEqual({ first: 0, viewFirst: 0, viewEnd: 0, end: 0 });
  });

  it('goes back to the last rows when those it showed are folded away, and stays where it is otherwise', () => {
    const row = (row: number, offsetPx = 0) => ({ kind: 'row', row, offsetPx }) as const;
    expect(withinRows(row(500), extent(1000))).toEqual(row(500));
    expect(withinRows(row(500), extent(45))).toEqual(row(15));
    expect(withinRows(row(15, 7), extent(45))).toEqual(row(15));
    expect(withinRows(row(3, 5), extent(2))).toEqual(row(0));
    expect(withinRows({ kind: 'bottom' }, extent(45))).toEqual({ kind: 'bottom' });
  });
});
