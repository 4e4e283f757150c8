import { type CSSProperties, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { announce } from '../../ui/announce.ts';
import { formatCount } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import './ansi.css';
import { looksLikeError } from './error-lines.ts';
import { LogLine } from './LogLine.tsx';
import { LogToolbar } from './LogToolbar.tsx';
import css from './LogView.module.css';
import { LogRows, type LogStep } from './log-rows.ts';
import type { LogSource } from './log-source.ts';
import { StepHeader } from './StepHeader.tsx';
import { useErrorJump } from './use-error-jump.ts';
import { useLineSelection } from './use-line-selection.ts';
import { useLogScroll } from './use-log-scroll.ts';
import { useLogSource } from './use-log-source.ts';
import { usePreference } from './use-preference.ts';

/** Height of a row as the style sheet has it. */
const ROW_PX = 20;

type LogViewProps = {
  jobId: string;
  attemptId: string;
  label: string;
  /** As the job knows them; those that the log itself tells of are added. */
  steps: LogStep[];
  /** Opens at the end of the step that failed, instead of at the end of the log. */
  openAtFailure: boolean;
};

/** A log of any length: fetched by range, drawn by what is in view, live while it grows. */
export function LogView({ jobId, attemptId, label, steps, openAtFailure }: LogViewProps) {
  const source = useLogSource(jobId, attemptId);
  if (!source?.opened)
    return (
      <div className={css.view}>
        {source?.problem ? (
          <p className={css.problem} role="status">
            {source.problem}
          </p>
        ) : null}
        <RowsSkeleton rows={10} label="Loading the log" />
      </div>
    );
  return <OpenLog key={attemptId} source={source} attemptId={attemptId} label={label} steps={steps} openAtFailure={openAtFailure} />;
}

type OpenLogProps = Omit<LogViewProps, 'jobId'> & { source: LogSource };

function OpenLog({ source, attemptId, label, steps, openAtFailure }: OpenLogProps) {
  const { store } = source;
  const [wrapped, toggleWrap] = usePreference('log-wrap');
  const [timed, toggleTimes] = usePreference('log-times');
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set());
  const { range, select } = useLineSelection();
  const allSteps = mergeSteps(steps, store.steps);
  const stepsKey = allSteps.map((step) => `${step.index}:${step.line}:${step.exitCode}:${step.name}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: stepsKey stands for allSteps
  const rows = useMemo(() => new LogRows(store.totalLines, allSteps, collapsed), [store.totalLines, stepsKey, collapsed]);
  const scroll = useLogScroll({ rows: rows.count, rowPx: ROW_PX, wrapped, start: { kind: 'bottom' } });
  const live = !store.complete;
  const following = live && scroll.atBottom;

  useOpeningPlace({ rows, range, failing: openAtFailure ? failingStep(allSteps) : null, scrollToRow: scroll.scrollToRow });

  const firstLine = rows.lineFrom(scroll.first);
  const endLine = rows.lineFrom(scroll.end - 1) + 1;
  useEffect(() => source.want(firstLine, endLine), [source, firstLine, endLine]);

  const toggleStep = useCallback((index: number) => {
    setCollapsed((before) => {
      const next = new Set(before);
      if (!next.delete(index)) next.add(index);
      return next;
    });
  }, []);
  const jump = useErrorJump({
    source,
    fromLine: (direction) => {
      const view = { first: rows.lineFrom(scroll.viewFirst), last: rows.lineFrom(scroll.viewEnd - 1) };
      if (range && range.first >= view.first && range.first <= view.last) return range.first;
      return direction > 0 ? view.first - 1 : view.last + 1;
    },
    show: (line) => {
      select(line, false);
      scroll.scrollToRow(rows.rowOf(line), 'center');
    },
  });
  const toggleFollow = () => (following ? scroll.hold() : scroll.scrollToBottom());
  const previousError = () => jump.go(-1);
  useKeys({ f: toggleFollow, w: toggleWrap, t: toggleTimes, n: () => jump.go(1), N: previousError });

  const fresh = useNewLines(store.totalLines, scroll.atBottom, live);
  const digits = Math.max(3, String(store.totalLines).length);
  return (
    <div className={css.view} data-wrap={wrapped || undefined} style={{ '--digits': digits } as CSSProperties}>
      <LogToolbar
        totalLines={store.totalLines}
        live={live}
        following={following}
        wrapped={wrapped}
        timed={timed}
        rawUrl={`/api/logs/${attemptId}.txt`}
        onFollow={toggleFollow}
        onWrap={toggleWrap}
        onTimes={toggleTimes}
        onError={jump.go}
      />
      {source.problem ? (
        <p className={css.problem} role="status">
          {source.problem}
        </p>
      ) : null}
      <div className={css.body}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by the arrow keys */}
        <section className={css.viewport} ref={scroll.viewport} onScroll={scroll.onScroll} tabIndex={0} aria-label={label}>
          {rows.count === 0 ? <p className={css.blank}>{live ? 'Nothing has been printed yet.' : 'This log is empty.'}</p> : null}
          <div className={css.spacer} style={{ height: rows.count === 0 ? 0 : scroll.heightPx }}>
            <div className={css.window} style={{ height: scroll.viewportPx }}>
              <div className={css.rows} ref={scroll.layer}>
                {drawRows(scroll.first, scroll.end, (row) => {
                  const at = rows.at(row);
                  if (!at || at.kind === 'space') return <div key={row} className={css.space} />;
                  if (at.kind === 'step')
                    return <StepHeader key={row} step={at.step} collapsed={at.collapsed} running={live} onToggle={toggleStep} />;
                  const line = store.line(at.line);
                  return (
                    <LogLine
                      key={row}
                      number={at.line}
                      text={line?.text ?? null}
                      time={timed ? formatTime(line?.timeMs ?? null) : null}
                      selected={range !== null && at.line >= range.first && at.line <= range.last}
                      tone={store.notices.has(at.line) ? 'notice' : line && looksLikeError(line.text) ? 'error' : null}
                      onNumber={select}
                    />
                  );
                })}
              </div>
            </div>
          </div>
        </section>
        {fresh > 0 ? (
          <button type="button" className={css.newLines} onClick={scroll.scrollToBottom}>
            {formatCount(fresh)} new {fresh === 1 ? 'line' : 'lines'} ↓
          </button>
        ) : null}
        {jump.said ? <p className={css.said}>{jump.said}</p> : null}
      </div>
    </div>
  );
}

function drawRows<T>(first: number, end: number, draw: (row: number) => T): T[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => draw(first + index));
}

function mergeSteps(known: LogStep[], told: LogSource['store']['steps']): LogStep[] {
  const merged = new Map(known.map((step) => [step.index, step]));
  for (const [index, step] of told) {
    const before = merged.get(index);
    merged.set(index, {
      index,
      ...step,
      exitCode: step.exitCode ?? before?.exitCode ?? null,
      durationMs: step.durationMs ?? before?.durationMs ?? null,
    });
  }
  return [...merged.values()];
}

function failingStep(steps: LogStep[]): LogStep | null {
  return steps.find((step) => step.exitCode !== null && step.exitCode !== 0) ?? null;
}

type OpeningPlace = {
  rows: LogRows;
  range: { first: number } | null;
  failing: LogStep | null;
  scrollToRow: (row: number, align: 'start' | 'center' | 'end') => void;
};

/** Once: the line of the address, else the end of the step that failed, else the end. */
function useOpeningPlace({ rows, range, failing, scrollToRow }: OpeningPlace): void {
  const done = useRef(false);
  useEffect(() => {
    if (done.current) return;
    done.current = true;
    if (range) {
      scrollToRow(rows.rowOf(range.first), 'center');
      announce(`Line ${range.first + 1}`);
      return;
    }
    const step = failing && rows.rowsOfStep(failing.index);
    if (step) scrollToRow(step.end - 1, 'end');
  }, [rows, range, failing, scrollToRow]);
}

/** How many lines came since the reader left the bottom. */
function useNewLines(totalLines: number, atBottom: boolean, live: boolean): number {
  const seen = useRef(totalLines);
  if (atBottom || !live) seen.current = totalLines;
  return totalLines - seen.current;
}

function formatTime(timeMs: number | null): string {
  if (timeMs === null) return '            ';
  const at = new Date(timeMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
