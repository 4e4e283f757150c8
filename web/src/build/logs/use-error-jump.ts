import { useEffect, useRef, useState } from 'react';
import { announce } from '../../ui/announce.ts';
import { formatCount } from '../../ui/format.ts';
import { looksLikeError } from './error-lines.ts';
import type { LogSource } from './log-source.ts';

const SAID_MS = 3000;

type ErrorJump = {
  source: LogSource;
  /** The line to search from, itself left out. */
  fromLine: (direction: 1 | -1) => number;
  show: (line: number) => void;
};

/** Next and previous line that looks like an error, read from the server where it is not at hand. */
export function useErrorJump({ source, fromLine, show }: ErrorJump) {
  const [said, setSaid] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  /** Where a search that found nothing goes on when asked again. */
  const continueAt = useRef<{ from: number; direction: 1 | -1; line: number } | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  useEffect(() => {
    if (!said) return;
    announce(said);
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);

  const go = async (direction: 1 | -1) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const from = fromLine(direction);
    const resumed = continueAt.current;
    const start = resumed?.direction === direction && resumed.from === from ? resumed.line : from + direction;
    try {
      const found = await source.find(start, direction, looksLikeError, controller.signal);
      continueAt.current = null;
      if (found.line !== null) {
        show(found.line);
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
  return { go: (direction: 1 | -1) => void go(direction), said };
}
