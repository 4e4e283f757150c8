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
import type { LineRange } from './line-range.ts';
import { LogRows, type LogStep } from './log-rows.ts';
import type { LogSource } from './log-source.ts';
import { StepHeader } from './StepHeader.tsx';
import { useErrorJump } from './use-error-jump.ts';
import { useLineSelection } from './use-line-selection.ts';
import { type LogScroll, useLogScroll } from './use-log-scroll.ts';
import { useLogSource } from './use-log-source.ts';
import { usePreference } from './use-preference.ts';

/** Height of a row as the style sheet has it. */
const ROW_PX = 20;

type LogViewProps = {
  jobId: string;
  /** In addresses of lines, where the page shows one of several jobs. */
  jobName?: string | null;
  attemptId: string;
  label: string;
  /** As the job knows them; those that the log itself tells of are added. */
  steps: LogStep[];
  /** Opens at the end of the step that failed, instead of at the end of the log. */
  openAtFailure: boolean;
};

/** A log of any length: fetched by range, drawn by what is in view, live while it grows. */
export function LogView({ jobId, jobName = null, attemptId, label, steps, openAtFailure }: LogViewProps) {
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
  return (
    <OpenLog
      key={attemptId}
      source={source}
      jobName={jobName}
      attemptId={attemptId}
      label={label}
      steps={steps}
      openAtFailure={openAtFailure}
    />
  );
}

type OpenLogProps = Omit<LogViewProps, 'jobId' | 'jobName'> & { source: LogSource; jobName: string | null };

function OpenLog({ source, jobName, attemptId, label, steps, openAtFailure }: OpenLogProps) {
  const { store } = source;
  const [wrapped, toggleWrap] = usePreference('log-wrap');
  const [timed, toggleTimes] = usePreference('log-times');
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set());
  const { range, select, addressOfLog } = useLineSelection({ job: jobName, attemptId });
  const allSteps = mergeSteps(steps, store.steps);
  const stepsKey = allSteps.map((step) => `${step.index}:${step.line}:${step.exitCode}:${step.name}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: stepsKey stands for allSteps
  const rows = useMemo(() => new LogRows(store.totalLines, allSteps, collapsed), [store.totalLines, stepsKey, collapsed]);
  const scroll = useLogScroll({ rows: rows.count, rowPx: ROW_PX, wrapped, start: { kind: 'bottom' } });
  const live = !store.complete;
  const following = live && scroll.atBottom;

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
  const unfold = useCallback((index: number) => setCollapsed((before) => new Set([...before].filter((each) => each !== index))), []);
  useLinkedPlace({ rows, range, failing: openAtFailure ? failingStep(allSteps) : null, scroll, unfold });
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
                      address={addressOfLog}
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

type LinkedPlace = {
  rows: LogRows;
  range: LineRange | null;
  failing: LogStep | null;
  scroll: Pick<LogScroll, 'scrollToRow' | 'viewFirst' | 'viewEnd'>;
  unfold: (stepIndex: number) => void;
};

/**
 * Opens at the line of the address, else at the end of the step that failed, else at the end. A new `#L…` on the open page is gone to,
 * also into a step that is folded; a line that is in view already, as one just clicked, moves nothing.
 */
function useLinkedPlace({ rows, range, failing, scroll, unfold }: LinkedPlace): void {
  const opened = useRef(false);
  const shown = useRef<LineRange | null>(null);
  useEffect(() => {
    const first = !opened.current;
    opened.current = true;
    if (!range) {
      shown.current = null;
      const step = first && failing ? rows.rowsOfStep(failing.index) : null;
      if (step) scroll.scrollToRow(step.end - 1, 'end');
      return;
    }
    if (shown.current === range) return;
    const folded = rows.foldedStepOf(range.first);
    // Comes back here with rows that have the line.
    if (folded !== null) return unfold(folded);
    shown.current = range;
    const row = rows.rowOf(range.first);
    if (!first && row >= scroll.viewFirst && row < scroll.viewEnd - 1) return;
    scroll.scrollToRow(row, 'center');
    announce(`Line ${range.first + 1}`);
  }, [rows, range, failing, scroll, unfold]);
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
