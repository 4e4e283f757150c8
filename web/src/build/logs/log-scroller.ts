import type { RefObject } from 'react';
import { DrawnRows } from './drawn-rows.ts';
import {
  type DrawnRange,
  drawnRange,
  type Extent,
  fromPx,
  isExact,
  lastPlace,
  moveBy,
  type Place,
  placeAt,
  scrollHeight,
  scrollTopAt,
  withinRows,
} from './scroll-place.ts';

/** After this long without a scroll event the scrollbar is put where the place truly is. */
const SETTLE_MS = 140;

/**
 * Keeps the place of a reader in a log, and puts the scrollbar and the drawn rows where it says. The reader moves it by
 * the scrollbar or the wheel, the page by the methods here.
 */
export class LogScroller {
  readonly viewport: RefObject<HTMLDivElement | null> = { current: null };
  /** The element that holds the drawn rows, as direct children in order. */
  readonly layer: RefObject<HTMLDivElement | null> = { current: null };
  private readonly redraw: () => void;
  private place: Place = { kind: 'bottom' };
  private extent: Extent = { rows: 0, rowPx: 1, viewportPx: 0 };
  private wrapped = false;
  private drawnFirst = 0;
  /** Where the scrollbar was last put or seen; a scroll event that finds it there tells nothing new. */
  private knownTop = 0;
  private settling: ReturnType<typeof setTimeout> | undefined;

  constructor(redraw: () => void) {
    this.redraw = redraw;
  }

  get atBottom(): boolean {
    return this.place.kind === 'bottom';
  }

  /** What there is to scroll over now. @returns the rows to draw of it */
  fit(extent: Extent, wrapped: boolean): DrawnRange {
    this.extent = extent;
    this.wrapped = wrapped;
    // Where lines wrap only the browser knows how far they reach.
    if (!wrapped) this.place = withinRows(this.place, extent);
    const range = drawnRange(this.place, extent);
    this.drawnFirst = range.first;
    return range;
  }

  readonly onScroll = (): void => {
    const top = this.viewport.current?.scrollTop ?? this.knownTop;
    const moved = top - this.knownTop;
    if (Math.abs(moved) < 0.5) return;
    this.knownTop = top;
    this.place = this.isSaidByScrollbar(top, moved) ? placeAt(top, this.extent) : this.placeAfter(moved);
    clearTimeout(this.settling);
    if (!this.isExact) this.settling = setTimeout(this.syncScrollbar, SETTLE_MS);
    this.redraw();
  };

  readonly scrollToRow = (row: number, align: 'center' | 'end'): void => {
    const { rowPx, viewportPx } = this.extent;
    const end = lastPlace(this.extent);
    const before = align === 'end' ? viewportPx - 2 * rowPx : viewportPx / 2 - rowPx;
    const px = Math.max(0, row * rowPx - before);
    const isEnd = px >= end.row * rowPx + end.offsetPx && !this.wrapped;
    this.moveTo(isEnd ? { kind: 'bottom' } : { kind: 'row', ...fromPx(px, rowPx) });
  };

  readonly scrollToBottom = (): void => this.moveTo({ kind: 'bottom' });

  /** Stays where it is, even if it is the bottom and rows are added. */
  readonly hold = (): void => {
    if (this.atBottom) this.moveTo({ kind: 'row', ...lastPlace(this.extent) });
  };

  readonly syncScrollbar = (): void => {
    const element = this.viewport.current;
    if (!element) return;
    element.scrollTop = scrollTopAt(this.place, this.extent);
    this.knownTop = element.scrollTop;
  };

  /** Puts the drawn rows where the place says; after the browser has given them their heights. */
  placeRows(): void {
    if (this.layer.current) this.layer.current.style.transform = `translateY(${this.shiftPx(this.layer.current)}px)`;
  }

  dispose(): void {
    clearTimeout(this.settling);
  }

  private shiftPx(layer: HTMLElement): number {
    const { rows, rowPx, viewportPx } = this.extent;
    if (this.place.kind === 'row') {
      const { row, offsetPx } = this.place;
      return (this.wrapped ? -this.drawn.topOf(row) : (this.drawnFirst - row) * rowPx) - offsetPx;
    }
    if (rows * rowPx <= viewportPx && !this.wrapped) return 0;
    return Math.min(0, viewportPx - (layer.offsetHeight || viewportPx));
  }

  private moveTo(place: Place): void {
    this.place = place;
    this.syncScrollbar();
    this.redraw();
  }

  private get isExact(): boolean {
    return isExact(this.extent, this.wrapped);
  }

  /** It is true to the pixel, stands at an end, or went further than the drawn rows reach. */
  private isSaidByScrollbar(top: number, moved: number): boolean {
    const { viewportPx } = this.extent;
    const most = scrollHeight(this.extent) - viewportPx;
    return this.isExact || top <= 0 || top >= most - 1 || Math.abs(moved) > viewportPx * 1.5;
  }

  private placeAfter(movedPx: number): Place {
    const { drawn, extent } = this;
    const place = moveBy(drawn.rowInView(this.place, this.viewport.current, extent), movedPx, extent.rows, drawn.heightOf);
    return movedPx > 0 && drawn.reachEnd(place, extent) ? { kind: 'bottom' } : place;
  }

  private get drawn(): DrawnRows {
    return new DrawnRows(this.layer.current, this.drawnFirst, this.extent.rowPx);
  }
}
