import { useEffect, useRef } from 'react';
import { announce } from '../../ui/announce.ts';
import type { LineRange } from './line-range.ts';
import type { LogRows, LogStep } from './log-rows.ts';
import type { LogScroll } from './use-log-scroll.ts';

type LinkedPlace = {
  rows: LogRows;
  range: LineRange | null;
  failing: LogStep | null;
  scroll: Pick<LogScroll, 'scroller' | 'viewFirst' | 'viewEnd'>;
  unfold: (stepIndex: number) => void;
};

/**
 * Opens at the line of the address, else at the end of the step that failed, else at the end. A new `#L…` on the open page is gone to,
 * also into a step that is folded; a line that is in view already, as one just clicked, moves nothing.
 */
export function useLinkedPlace({ rows, range, failing, scroll, unfold }: LinkedPlace): void {
  const opened = useRef(false);
  const shown = useRef<LineRange | null>(null);
  useEffect(() => {
    const first = !opened.current;
    opened.current = true;
    if (!range) {
      shown.current = null;
      const step = first && failing ? rows.rowsOfStep(failing.index) : null;
      if (step) scroll.scroller.scrollToRow(step.end - 1, 'end');
      return;
    }
    if (shown.current === range) return;
    const folded = rows.foldedStepOf(range.first);
    // Comes back here with rows that have the line.
    if (folded !== null) return unfold(folded);
    shown.current = range;
    const row = rows.rowOf(range.first);
    if (!first && row >= scroll.viewFirst && row < scroll.viewEnd - 1) return;
    scroll.scroller.scrollToRow(row, 'center');
    announce(`Line ${range.first + 1}`);
  }, [rows, range, failing, scroll, unfold]);
}
