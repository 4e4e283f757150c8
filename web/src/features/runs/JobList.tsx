import { Link } from 'react-router';
import type { RunJobFragment } from '../../generated/graphql.ts';
import { Elapsed } from '../../ui/Time.tsx';
import { isJobFailed } from '../states/looks.ts';
import { JobBadge } from '../states/StateBadges.tsx';
import { jobNote } from './job-note.ts';
import css from './RunPage.module.css';

/** The jobs in the order of the pipeline; choosing one is an address. */
export function JobList({ jobs, chosenId }: { jobs: RunJobFragment[]; chosenId: string | null }) {
  return (
    <nav className={css.jobs} aria-label="Jobs">
      {[...jobs]
        .sort((a, b) => a.position - b.position)
        .map((job) => {
          const note = jobNote(job);
          return (
            <Link
              key={job.id}
              to={{ search: `?job=${encodeURIComponent(job.name)}` }}
              className={css.job}
              aria-current={job.id === chosenId}
              title={note ?? undefined}
              preventScrollReset
              data-row
            >
              <JobBadge job={job} compact />
              <span className={css.name}>{job.name}</span>
              <Elapsed from={job.startedAt} to={job.finishedAt} />
              {note ? (
                <span className={css.note} data-tone={isJobFailed(job.state) ? 'negative' : undefined}>
                  {note}
                </span>
              ) : null}
            </Link>
          );
        })}
    </nav>
  );
}
