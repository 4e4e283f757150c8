/**
 * Where the viewer stands in a list of rows far longer than an element may be tall (browsers stop at 17 to 33 million
 * pixels). `row` is the first row in view, `offsetPx` how much of it is above the edge; `bottom` keeps the last row at the
 * lower edge.
 */
export type Place = RowPlaced | { kind: 'bottom' };
export type RowPlace = { row: number; offsetPx: number };
type RowPlaced = { kind: 'row' } & RowPlace;

/** Beyond this many pixels a pixel of the scrollbar is more than a pixel of the log. */
export const MAX_SCROLL_PX = 8_000_000;

export type Extent = { rows: number; rowPx: number; viewportPx: number };

export function scrollHeight({ rows, rowPx, viewportPx }: Extent): number {
  return Math.max(viewportPx, Math.min(MAX_SCROLL_PX, rows * rowPx));
}

/** Whether scrollbar pixels and log pixels are the same, so that nothing has to be guessed. */
export function isExact({ rows, rowPx }: Extent, wrapped: boolean): boolean {
  return !wrapped && rows * rowPx <= MAX_SCROLL_PX;
}

/** First row in view when the last one stands at the lower edge, for rows of one height. */
export function lastPlace({ rows, rowPx, viewportPx }: Extent): RowPlace {
  return fromPx(Math.max(0, rows * rowPx - viewportPx), rowPx);
}

export function fromPx(px: number, rowPx: number): RowPlace {
  const row = Math.floor(px / rowPx);
  return { row, offsetPx: px - row * rowPx };
}

/** The place that a scrollbar position stands for: the same share of the way. */
export function placeAt(scrollTop: number, extent: Extent): Place {
  const most = scrollHeight(extent) - extent.viewportPx;
  if (scrollTop >= most - 1) return { kind: 'bottom' };
  const end = lastPlace(extent);
  const share = most <= 0 ? 0 : Math.max(0, scrollTop / most);
  return { kind: 'row', ...fromPx(share * (end.row * extent.rowPx + end.offsetPx), extent.rowPx) };
}

/** The scrollbar position for a place; the inverse of {@link placeAt}. */
export function scrollTopAt(place: Place, extent: Extent): number {
  const most = scrollHeight(extent) - extent.viewportPx;
  if (place.kind === 'bottom') return most;
  const end = lastPlace(extent);
  const all = end.row * extent.rowPx + end.offsetPx;
  return all <= 0 ? 0 : Math.min(most, ((place.row * extent.rowPx + place.offsetPx) / all) * most);
}

/**
 * Moves by pixels of the log. Heights differ when lines wrap: `heightOf` answers what is known.
 * Clamped at the top only; whoever calls finds the lower end by `rows`.
 */
export function moveBy(place: RowPlace, px: number, rows: number, heightOf: (row: number) => number): RowPlaced {
  let { row, offsetPx } = place;
  offsetPx += px;
  while (offsetPx < 0 && row > 0) offsetPx += heightOf(--row);
  while (row < rows - 1 && offsetPx >= heightOf(row)) offsetPx -= heightOf(row++);
  return { kind: 'row', row, offsetPx: Math.max(0, offsetPx) };
}

/** The same place, or the last one where rows have gone since, as when a step is folded: nothing blank is shown below the end. */
export function withinRows(place: Place, extent: Extent): Place {
  if (place.kind === 'bottom') return place;
  const end = lastPlace(extent);
  const isPast = place.row > end.row || (place.row === end.row && place.offsetPx > end.offsetPx);
  return isPast ? { kind: 'row', ...end } : place;
}

/** Rows drawn above and below what is in view, so that a quick flick shows no gap. */
const OVERSCAN_ROWS = 30;

/** Rows [first, end) are drawn; of these, [viewFirst, viewEnd) are in view. */
export type DrawnRange = { first: number; end: number; viewFirst: number; viewEnd: number };

export function drawnRange(place: Place, { rows, rowPx, viewportPx }: Extent): DrawnRange {
  const viewRows = Math.ceil(viewportPx / rowPx) + 1;
  const viewFirst = place.kind === 'row' ? Math.min(place.row, Math.max(0, rows - 1)) : Math.max(0, rows - viewRows);
  const viewEnd = Math.min(rows, viewFirst + viewRows);
  return { viewFirst, viewEnd, first: Math.max(0, viewFirst - OVERSCAN_ROWS), end: Math.min(rows, viewEnd + OVERSCAN_ROWS) };
}
