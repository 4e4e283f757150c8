import { useRef } from 'react';
import { formatCount } from '../../ui/format.ts';
import css from './LogView.module.css';

type NewLinesProps = { totalLines: number; atBottom: boolean; live: boolean; onGo: () => void };

/** How many lines came since the reader left the bottom, and the way to them. */
export function NewLines({ totalLines, atBottom, live, onGo }: NewLinesProps) {
  const seen = useRef(totalLines);
  if (atBottom || !live) seen.current = totalLines;
  const fresh = totalLines - seen.current;
  if (fresh <= 0) return null;
  return (
    <button type="button" className={css.newLines} onClick={onGo}>
      {formatCount(fresh)} new {fresh === 1 ? 'line' : 'lines'} ↓
    </button>
  );
}
