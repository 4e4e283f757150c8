import { Link } from 'react-router';
import type { RunJobFragment } from '../../generated/graphql.ts';
import { Elapsed } from '../../ui/Time.tsx';
import { isJobFailed } from '../states/looks.ts';
import { JobBadge, waitingDetail } from '../states/StateBadges.tsx';
import css from './RunPage.module.css';

/** The jobs in the order of the pipeline; choosing one is an address. */
export function JobList({ jobs, chosenId }: { jobs: RunJobFragment[]; chosenId: string | null }) {
  return (
    <nav className={css.jobs} aria-label="Jobs">
      {[...jobs]
        .sort((a, b) => a.position - b.position)
        .map((job) => {
          const note = noteOf(job);
          return (
            <Link
              key={job.id}
              to={{ search: `?job=${encodeURIComponent(job.name)}` }}
              className={css.job}
              aria-current={job.id === chosenId}
              preventScrollReset
              data-row
            >
              <JobBadge job={job} compact />
              <span className={css.name}>{job.name}</span>
              <Elapsed from={job.startedAt} to={job.finishedAt} />
              {note ? (
                <span className={css.note} data-tone={isJobFailed(job.state) ? 'negative' : undefined} title={note}>
                  {note}
                </span>
              ) : null}
            </Link>
          );
        })}
    </nav>
  );
}

function noteOf(job: RunJobFragment): string | null {
  const waiting = waitingDetail(job);
  if (waiting) return job.state === 'queued' && job.queuePosition ? `queued, ${waiting}` : waiting;
  if (job.tests && job.tests.failed > 0) return `${job.tests.failed} of ${job.tests.failed + job.tests.passed} tests failed`;
  if (job.tests && job.tests.passed > 0) return `${job.tests.passed} tests passed`;
  if (isJobFailed(job.state) || job.state === 'skipped' || job.state === 'cancelled') return job.message ?? job.reason ?? null;
  return job.environmentName ? `to ${job.environmentName}` : null;
}
