import { type RefObject, useEffect, useLayoutEffect, useReducer, useState } from 'react';
import { LogScroller } from './log-scroller.ts';
import { type DrawnRange, scrollHeight } from './scroll-place.ts';

/** The assumed height of the viewer if there is no layout (tests, a hidden tab). */
const FALLBACK_VIEWPORT_PX = 600;

type LogScrollOptions = {
  rows: number;
  rowPx: number;
  /** Rows may be taller than `rowPx`. */
  wrapped: boolean;
};

export type LogScroll = DrawnRange & { scroller: LogScroller; heightPx: number; viewportPx: number };

/** Virtual scrolling over any number of rows with a bounded number of elements. Begins at the bottom. */
export function useLogScroll({ rows, rowPx, wrapped }: LogScrollOptions): LogScroll {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [scroller] = useState(() => new LogScroller(redraw));
  const viewportPx = useViewportHeight(scroller.viewport, redraw);
  const extent = { rows, rowPx, viewportPx };
  const range = scroller.fit(extent, wrapped);
  useEffect(() => () => scroller.dispose(), [scroller]);
  useLayoutEffect(() => scroller.placeRows());
  // A log that grows keeps its scrollbar true; at the bottom it stays there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them moves what the scrollbar should say
  useLayoutEffect(() => scroller.syncScrollbar(), [scroller, rows, viewportPx, wrapped]);
  return { ...range, scroller, heightPx: scrollHeight(extent), viewportPx };
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
