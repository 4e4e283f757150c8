import { Link } from 'react-router';
import type { JobDetailsFragment } from '../../generated/graphql.ts';
import { Panel } from '../../ui/Panel.tsx';
import rows from '../../ui/rows.module.css';
import { Elapsed, Time } from '../../ui/Time.tsx';
import css from './jobs.module.css';

/** Every try of the job; each has a log of its own. Shown when there was more than one. */
export function Attempts({ job, shownId }: { job: Pick<JobDetailsFragment, 'attempts'>; shownId: string | null }) {
  if (job.attempts.length < 2) return null;
  return (
    <Panel title={`${job.attempts.length} attempts`} flush>
      <div className={`${rows.list} ${css.attempts}`}>
        {[...job.attempts]
          .sort((a, b) => b.number - a.number)
          .map((attempt, index) => (
            <Link
              key={attempt.id}
              to={{ search: `?attempt=${attempt.id}` }}
              className={rows.row}
              data-row
              aria-current={attempt.id === shownId}
            >
              <span className="mono">{job.attempts.length - index}</span>
              <span>{attempt.agent?.name ?? 'no agent'}</span>
              <span className={rows.clip} data-wide>
                {outcomeWords(attempt.outcome, attempt.state)}
              </span>
              <Time at={attempt.createdAt} />
              <Elapsed from={attempt.createdAt} to={attempt.endedAt} />
            </Link>
          ))}
      </div>
    </Panel>
  );
}

/** How an attempt ended, from the outcome as the agent or the server recorded it. */
function outcomeWords(outcome: unknown, state: string): string {
  if (typeof outcome !== 'object' || outcome === null) return state;
  const { kind, reason, message } = outcome as { kind?: unknown; reason?: unknown; message?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  return [kind, reason].filter((part) => typeof part === 'string').join(': ') || state;
}
