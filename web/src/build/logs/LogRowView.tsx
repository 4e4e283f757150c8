import { looksLikeError } from './error-lines.ts';
import { LogLine } from './LogLine.tsx';
import css from './LogView.module.css';
import type { LineRange } from './line-range.ts';
import type { LogRow } from './log-rows.ts';
import type { LogStore } from './log-store.ts';
import { StepHeader } from './StepHeader.tsx';

type LogRowViewProps = {
  row: LogRow | null;
  store: LogStore;
  timed: boolean;
  range: LineRange | null;
  /** Address of the log; a line's is that with `#L…`. */
  address: string;
  onStep: (index: number) => void;
  onNumber: (line: number, extend: boolean) => void;
};

/** One element, as tall as a row or, for a wrapped line, taller. */
export function LogRowView({ row, store, timed, range, address, onStep, onNumber }: LogRowViewProps) {
  if (!row || row.kind === 'space') return <div className={css.space} />;
  if (row.kind === 'step') return <StepHeader step={row.step} collapsed={row.collapsed} running={!store.complete} onToggle={onStep} />;
  const line = store.line(row.line);
  return (
    <LogLine
      number={row.line}
      address={address}
      text={line?.text ?? null}
      time={timed ? formatTime(line?.timeMs ?? null) : null}
      selected={range !== null && row.line >= range.first && row.line <= range.last}
      tone={store.notices.has(row.line) ? 'notice' : line && looksLikeError(line.text) ? 'error' : null}
      onNumber={onNumber}
    />
  );
}

function formatTime(timeMs: number | null): string {
  if (timeMs === null) return '            ';
  const at = new Date(timeMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
