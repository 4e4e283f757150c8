import { isRunOver } from '../../domain/looks.ts';
import type { RunRowFragment } from '../../generated/graphql.ts';
import { formatDuration, formatElapsed } from '../../ui/format.ts';
import times from '../../ui/Time.module.css';
import { useNow } from '../../ui/ticker.ts';

type Timed = Pick<RunRowFragment, 'state' | 'startedAt' | 'finishedAt' | 'expectedMs' | 'workedMs' | 'workingSince'>;

/** How long its jobs worked; on hover what that leaves out. `expected`: beside what was expected, while it goes on. */
export function RunTime({ run, expected = false }: { run: Timed; expected?: boolean }) {
  const now = useNow(Boolean(run.workingSince));
  if (!run.startedAt) return <span className={times.elapsed}>–</span>;
  const ms = workedSoFar(run, now);
  const figure = run.workingSince ? formatElapsed(ms) : formatDuration(ms);
  const isExpected = expected && run.expectedMs && !isRunOver(run.state);
  return (
    <span title={timeWords(run, ms)}>
      {expected ? <span className="mono">{figure}</span> : <span className={times.elapsed}>{figure}</span>}
      {isExpected ? ` of ~${formatDuration(run.expectedMs ?? 0)} expected` : null}
    </span>
  );
}

export function workedSoFar({ workedMs, workingSince }: Pick<Timed, 'workedMs' | 'workingSince'>, nowMs: number): number {
  return workedMs + (workingSince ? Math.max(0, nowMs - Date.parse(workingSince)) : 0);
}

function timeWords({ startedAt, finishedAt }: Timed, ms: number): string {
  const worked = 'Time in which at least one of its jobs ran. Waiting, and jobs that were retried, are not counted.';
  if (!startedAt || !finishedAt) return worked;
  const span = Date.parse(finishedAt) - Date.parse(startedAt);
  return span - ms < 1000 ? worked : `${worked} From the first start to the last end: ${formatDuration(span)}.`;
}
