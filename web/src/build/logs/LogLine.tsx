import { memo } from 'react';
import { formatCount } from '../../ui/format.ts';
import { shorten } from '../../ui/shorten.ts';
import { parseAnsi } from './ansi.ts';
import css from './LogView.module.css';

/** A longer line is cut on screen, not in the log: the whole of it is in the raw text. */
const SHOWN_CHARS = 4000;

type LogLineProps = {
  number: number;
  /** Address of the log; a line's is that with `#L…`. */
  address: string;
  /** Null while it is being fetched. */
  text: string | null;
  time: string | null;
  selected: boolean;
  tone: 'error' | 'notice' | null;
  onNumber: (line: number, extend: boolean) => void;
};

/** Text nodes only: whatever a job prints stays inert. */
export const LogLine = memo(function LogLine({ number, address, text, time, selected, tone, onNumber }: LogLineProps) {
  const shown = text === null ? null : shorten(text, SHOWN_CHARS);
  return (
    <div className={css.line} data-line={number + 1} data-selected={selected || undefined} data-tone={tone ?? undefined}>
      <a
        className={css.number}
        href={`${address}#L${number + 1}`}
        tabIndex={-1}
        aria-label={`Line ${number + 1}`}
        onClick={(event) => {
          event.preventDefault();
          onNumber(number, event.shiftKey);
        }}
      >
        {number + 1}
      </a>
      {time ? <span className={css.time}>{time}</span> : null}
      <span className={css.text}>
        {shown === null ? <span className={css.pending} aria-hidden="true" /> : <Spans line={shown} />}
        {text !== null && shown !== null && shown !== text ? (
          <em className={css.cut}> … {formatCount(text.length - shown.length)} more characters in the raw log</em>
        ) : null}
      </span>
    </div>
  );
});

function Spans({ line }: { line: string }) {
  const spans = parseAnsi(line);
  if (spans.length === 0) return '\n';
  return spans.map((span, index) =>
    span.className || span.color || span.background ? (
      <span
        // biome-ignore lint/suspicious/noArrayIndexKey: spans of one line never move
        key={index}
        className={span.className}
        style={span.color || span.background ? { color: span.color ?? undefined, background: span.background ?? undefined } : undefined}
      >
        {span.text}
      </span>
    ) : (
      span.text
    ),
  );
}
