import { type CSSProperties, useEffect } from 'react';
import { useKeys } from '../../ui/keys.ts';
import './ansi.css';
import { LogProblem } from './LogProblem.tsx';
import { LogRowView } from './LogRowView.tsx';
import { LogScrollArea } from './LogScrollArea.tsx';
import { LogToolbar } from './LogToolbar.tsx';
import css from './LogView.module.css';
import type { LogStep } from './log-rows.ts';
import type { LogSource } from './log-source.ts';
import { NewLines } from './NewLines.tsx';
import { useErrorJump } from './use-error-jump.ts';
import { useLineSelection } from './use-line-selection.ts';
import { useLinkedPlace } from './use-linked-place.ts';
import { useLogRows } from './use-log-rows.ts';
import { useLogScroll } from './use-log-scroll.ts';
import { usePreference } from './use-preference.ts';

/** Height of a row as the style sheet has it. */
const ROW_PX = 20;

type OpenLogProps = {
  source: LogSource;
  jobName: string | null;
  attemptId: string;
  label: string;
  steps: LogStep[];
  openAtFailure: boolean;
};

export function OpenLog({ source, jobName, attemptId, label, steps, openAtFailure }: OpenLogProps) {
  const { store } = source;
  const [wrapped, toggleWrap] = usePreference('log-wrap');
  const [timed, toggleTimes] = usePreference('log-times');
  const { range, select, addressOfLog } = useLineSelection({ job: jobName, attemptId });
  const { rows, failingStep, toggleStep, unfold } = useLogRows(store, steps);
  const scroll = useLogScroll({ rows: rows.count, rowPx: ROW_PX, wrapped });
  const { scroller } = scroll;
  const live = !store.complete;
  const following = live && scroller.atBottom;

  const firstLine = rows.lineFrom(scroll.first);
  const endLine = rows.lineFrom(scroll.end - 1) + 1;
  useEffect(() => source.want(firstLine, endLine), [source, firstLine, endLine]);
  useLinkedPlace({ rows, range, failing: openAtFailure ? failingStep : null, scroll, unfold });
  const jump = useErrorJump({ source, rows, scroll, range, select });
  const toggleFollow = following ? scroller.hold : scroller.scrollToBottom;
  const previousError = () => jump.go(-1);
  useKeys({ f: toggleFollow, w: toggleWrap, t: toggleTimes, n: () => jump.go(1), N: previousError });

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
      <LogProblem problem={source.problem} />
      <div className={css.body}>
        <LogScrollArea
          label={label}
          scroll={scroll}
          blank={rows.count > 0 ? null : live ? 'Nothing has been printed yet.' : 'This log is empty.'}
          draw={(row) => (
            <LogRowView
              key={row}
              row={rows.at(row)}
              store={store}
              timed={timed}
              range={range}
              address={addressOfLog}
              onStep={toggleStep}
              onNumber={select}
            />
          )}
        />
        <NewLines totalLines={store.totalLines} atBottom={scroller.atBottom} live={live} onGo={scroller.scrollToBottom} />
        {jump.said ? <p className={css.said}>{jump.said}</p> : null}
      </div>
    </div>
  );
}
