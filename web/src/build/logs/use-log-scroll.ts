import { type RefObject, useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from 'react';
import { type Extent, fromPx, isExact, lastPlace, moveBy, type Place, placeAt, scrollHeight, scrollTopAt } from './scroll-place.ts';

/** Rows drawn above and below what is in view, so that a quick flick shows no gap. */
const OVERSCAN_ROWS = 30;
/** After this long without a scroll event the scrollbar is put where the place truly is. */
const SETTLE_MS = 140;
/** Where there is no layout (tests, a hidden tab) the viewer is taken to be this tall. */
const FALLBACK_VIEWPORT_PX = 600;

export type LogScroll = {
  viewport: RefObject<HTMLDivElement | null>;
  /** The element that holds the drawn rows, as direct children in order. */
  layer: RefObject<HTMLDivElement | null>;
  /** Rows [first, end) are to be drawn. */
  first: number;
  end: number;
  /** Rows [viewFirst, viewEnd) are in view. */
  viewFirst: number;
  viewEnd: number;
  heightPx: number;
  viewportPx: number;
  atBottom: boolean;
  onScroll: () => void;
  scrollToBottom: () => void;
  /** Stays where it is, even if it is the bottom and rows are added. */
  hold: () => void;
  scrollToRow: (row: number, align: 'start' | 'center' | 'end') => void;
};

/** Virtual scrolling over any number of rows with a bounded number of elements. `wrapped`: rows may be taller than `rowPx`. */
export function useLogScroll({ rows, rowPx, wrapped, start }: { rows: number; rowPx: number; wrapped: boolean; start: Place }): LogScroll {
  const viewport = useRef<HTMLDivElement | null>(null);
  const layer = useRef<HTMLDivElement | null>(null);
  const place = useRef<Place>(start);
  const expectedTop = useRef(0);
  const settle = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const viewportPx = useViewportHeight(viewport, redraw);
  const extent: Extent = { rows, rowPx, viewportPx };
  const exact = isExact(extent, wrapped);
  const latest = useRef({ extent, exact });
  latest.current = { extent, exact };

  const syncScrollbar = useCallback(() => {
    const element = viewport.current;
    if (!element) return;
    element.scrollTop = scrollTopAt(place.current, latest.current.extent);
    expectedTop.current = element.scrollTop;
  }, []);

  const moveTo = useCallback(
    (next: Place) => {
      place.current = next;
      syncScrollbar();
      redraw();
    },
    [syncScrollbar],
  );

  const drawnFirst = useRef(0);
  const onScroll = useCallback(() => {
    const element = viewport.current;
    if (!element) return;
    const top = element.scrollTop;
    const moved = top - expectedTop.current;
    if (Math.abs(moved) < 0.5) return;
    expectedTop.current = top;
    const { extent: now, exact: isPrecise } = latest.current;
    const most = scrollHeight(now) - now.viewportPx;
    if (isPrecise || top <= 0 || top >= most - 1 || Math.abs(moved) > now.viewportPx * 1.5) place.current = placeAt(top, now);
    else {
      const measured = measureRows(layer.current, drawnFirst.current, now.rowPx);
      place.current = moveBy(measured.rowInView(place.current, viewport.current, now), moved, now.rows, measured.heightOf);
      if (place.current.kind === 'row' && moved > 0 && reachesEnd(place.current, now, measured.heightOf))
        place.current = { kind: 'bottom' };
    }
    clearTimeout(settle.current);
    if (!isPrecise) settle.current = setTimeout(syncScrollbar, SETTLE_MS);
    redraw();
  }, [syncScrollbar]);

  useEffect(() => () => clearTimeout(settle.current), []);

  const scrollToRow = useCallback(
    (row: number, align: 'start' | 'center' | 'end') => {
      const { extent: now } = latest.current;
      const end = lastPlace(now);
      const before = align === 'start' ? 0 : align === 'end' ? now.viewportPx - 2 * now.rowPx : now.viewportPx / 2 - now.rowPx;
      const px = Math.max(0, row * now.rowPx - before);
      moveTo(px >= end.row * now.rowPx + end.offsetPx && !wrapped ? { kind: 'bottom' } : { kind: 'row', ...fromPx(px, now.rowPx) });
    },
    [moveTo, wrapped],
  );
  const scrollToBottom = useCallback(() => moveTo({ kind: 'bottom' }), [moveTo]);
  const hold = useCallback(() => {
    if (place.current.kind === 'bottom') moveTo({ kind: 'row', ...lastPlace(latest.current.extent) });
  }, [moveTo]);

  const viewRows = Math.ceil(viewportPx / rowPx) + 1;
  const viewFirst = place.current.kind === 'row' ? Math.min(place.current.row, Math.max(0, rows - 1)) : Math.max(0, rows - viewRows);
  const viewEnd = Math.min(rows, viewFirst + viewRows);
  const first = Math.max(0, viewFirst - OVERSCAN_ROWS);
  const end = Math.min(rows, viewEnd + OVERSCAN_ROWS);
  drawnFirst.current = first;

  // Puts the drawn rows where the place says, after the browser has given them their heights.
  useLayoutEffect(() => {
    const element = layer.current;
    if (!element) return;
    const at = place.current;
    let shift: number;
    if (at.kind === 'bottom')
      shift = rows * rowPx <= viewportPx && !wrapped ? 0 : Math.min(0, viewportPx - (element.offsetHeight || viewportPx));
    else if (!wrapped) shift = (first - at.row) * rowPx - at.offsetPx;
    else shift = -((element.children[at.row - first] as HTMLElement | undefined)?.offsetTop ?? 0) - at.offsetPx;
    element.style.transform = `translateY(${shift}px)`;
  });

  // A log that grows keeps its scrollbar true; at the bottom it stays there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them moves what the scrollbar should say
  useLayoutEffect(() => {
    syncScrollbar();
  }, [rows, viewportPx, wrapped, syncScrollbar]);

  const atBottom = place.current.kind === 'bottom';
  return {
    viewport,
    layer,
    first,
    end,
    viewFirst,
    viewEnd,
    heightPx: scrollHeight(extent),
    viewportPx,
    atBottom,
    onScroll,
    scrollToBottom,
    hold,
    scrollToRow,
  };
}

function useViewportHeight(viewport: RefObject<HTMLDivElement | null>, redraw: () => void): number {
  const [height, setHeight] = useState(FALLBACK_VIEWPORT_PX);
  useLayoutEffect(() => {
    const element = viewport.current;
    if (!element) return;
    const measure = () => {
      setHeight(element.clientHeight || FALLBACK_VIEWPORT_PX);
      element.style.setProperty('--view-width', `${element.clientWidth}px`);
      redraw();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [viewport, redraw]);
  return height;
}

/** Heights as drawn; rows that are not drawn count as one line. */
function measureRows(layer: HTMLElement | null, first: number, rowPx: number) {
  const heightOf = (row: number) => (layer?.children[row - first] as HTMLElement | undefined)?.offsetHeight || rowPx;
  return {
    heightOf,
    /** The row at the upper edge, also when the place only says `bottom`. */
    rowInView(place: Place, viewport: HTMLElement | null, extent: Extent): { row: number; offsetPx: number } {
      if (place.kind === 'row') return place;
      const edge = viewport?.getBoundingClientRect().top ?? 0;
      const children = layer ? [...layer.children] : [];
      const index = children.findIndex((child) => child.getBoundingClientRect().bottom > edge + 0.5);
      const child = children[index];
      return child ? { row: first + index, offsetPx: edge - child.getBoundingClientRect().top } : lastPlace(extent);
    },
  };
}

function reachesEnd(place: { row: number; offsetPx: number }, { rows, viewportPx }: Extent, heightOf: (row: number) => number): boolean {
  let px = -place.offsetPx;
  for (let row = place.row; row < rows; row++) {
    px += heightOf(row);
    if (px > viewportPx) return false;
  }
  return true;
}
