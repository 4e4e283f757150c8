import { useEffect, useRef, useState } from 'react';
import { announce } from '../../ui/announce.ts';
import { formatCount } from '../../ui/format.ts';
import { looksLikeError } from './error-lines.ts';
import type { LineRange } from './line-range.ts';
import type { LogRows } from './log-rows.ts';
import type { LogSource } from './log-source.ts';
import type { LogScroll } from './use-log-scroll.ts';

const SAID_MS = 3000;

type Direction = 1 | -1;

type ErrorJump = {
  source: LogSource;
  rows: LogRows;
  scroll: LogScroll;
  range: LineRange | null;
  select: (line: number, extend: boolean) => void;
};

/** Next and previous line that looks like an error, read from the server where it is not at hand. */
export function useErrorJump({ source, rows, scroll, range, select }: ErrorJump) {
  const [said, setSaid] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  /** Where a search that found nothing goes on when asked again. */
  const continueAt = useRef<{ from: number; direction: Direction; line: number } | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  useEffect(() => {
    if (!said) return;
    announce(said);
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);

  const go = async (direction: Direction) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const from = lineToSearchFrom(direction, { rows, scroll, range });
    const resumed = continueAt.current;
    const start = resumed?.direction === direction && resumed.from === from ? resumed.line : from + direction;
    try {
      const found = await source.find(start, direction, looksLikeError, controller.signal);
      continueAt.current = null;
      if (found.line !== null) {
        select(found.line, false);
        scroll.scroller.scrollToRow(rows.rowOf(found.line), 'center');
        return;
      }
      const over = found.searchedTo <= 0 || found.searchedTo >= source.store.totalLines;
      if (!over) continueAt.current = { from, direction, line: found.searchedTo };
      const where = direction > 0 ? 'after' : 'before';
      setSaid(
        over
          ? `No further error ${where} line ${formatCount(Math.max(0, from) + 1)}`
          : `No error up to line ${formatCount(found.searchedTo + 1)}; press ${direction > 0 ? 'n' : 'N'} again to keep looking`,
      );
    } catch (error) {
      if (!controller.signal.aborted) setSaid(`The search stopped: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return { go: (direction: Direction) => void go(direction), said };
}

/** Itself left out: the chosen line where it is in view, else all that is in view is searched too. */
function lineToSearchFrom(direction: Direction, { rows, scroll, range }: Pick<ErrorJump, 'rows' | 'scroll' | 'range'>): number {
  const first = rows.lineFrom(scroll.viewFirst);
  const last = rows.lineFrom(scroll.viewEnd - 1);
  if (range && range.first >= first && range.first <= last) return range.first;
  return direction > 0 ? first - 1 : last + 1;
}
