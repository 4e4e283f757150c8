import { type RefObject, useEffect, useRef } from 'react';
import { Link } from 'react-router';
import { isJobFailed } from '../../domain/looks.ts';
import { JobBadge } from '../../domain/StateBadges.tsx';
import type { RunJobFragment } from '../../generated/graphql.ts';
import { Elapsed } from '../../ui/Time.tsx';
import { jobNote } from './job-note.ts';
import css from './RunPage.module.css';
import { searchOfJob } from './use-shown-job.ts';

/** The jobs in the order of the pipeline; choosing one is an address. */
export function JobList({ jobs, chosenName }: { jobs: RunJobFragment[]; chosenName: string | null }) {
  const list = useChosenInSight(chosenName);
  return (
    <nav className={css.jobs} aria-label="Jobs" ref={list}>
      {[...jobs]
        .sort((a, b) => a.position - b.position)
        .map((job) => {
          const note = jobNote(job);
          return (
            <Link
              key={job.id}
              to={{ search: searchOfJob(job.name) }}
              className={css.job}
              aria-current={job.name === chosenName}
              title={note ? `${job.name}: ${note}` : job.name}
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

/** Scrolls the list, and never the page, so that the chosen job is seen. */
function useChosenInSight(chosenName: string | null): RefObject<HTMLElement | null> {
  const list = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another name is another chosen row
  useEffect(() => {
    const box = list.current;
    const row = box?.querySelector<HTMLElement>('[aria-current="true"]');
    if (!box || !row) return;
    const within = { x: row.offsetLeft - box.offsetLeft, y: row.offsetTop - box.offsetTop };
    if (within.x < box.scrollLeft || within.x + row.offsetWidth > box.scrollLeft + box.clientWidth) box.scrollLeft = within.x - 24;
    if (within.y < box.scrollTop || within.y + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = within.y - 60;
  }, [chosenName]);
  return list;
}
