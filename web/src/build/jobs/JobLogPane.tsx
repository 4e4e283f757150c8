import { IconArrowsMaximize } from '@tabler/icons-react';
import { useRef } from 'react';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { isJobFailed, isJobOver, isRunOver } from '../../domain/looks.ts';
import { JobBadge } from '../../domain/StateBadges.tsx';
import type { RunJobFragment, RunRowFragment } from '../../generated/graphql.ts';
import { sentences } from '../../ui/sentences.ts';
import { LogView } from '../logs/LogView.tsx';
import { DeploymentNote } from './DeploymentNote.tsx';
import { FailedTests } from './FailedTests.tsx';
import css from './jobs.module.css';
import { newestAttempt } from './newest-attempt.ts';
import { WhyEnded, whyEnded } from './WhyEnded.tsx';

type PaneRun = Pick<RunRowFragment, 'state' | 'project' | 'repository'>;

type JobLogPaneProps = {
  job: RunJobFragment;
  attemptId: string | null;
  /** Search of the address of its newest try, when this is an earlier one. */
  newest: string | null;
  /** Search of the address of the first failure, when this is another job. */
  firstFailure: { name: string; search: string } | null;
  run: PaneRun;
};

/** The chosen job of a run: why it ended as it did, which tests failed, and the log, all on the first screen. */
export function JobLogPane({ job, attemptId, newest, firstFailure, run }: JobLogPaneProps) {
  const came = useRef({ why: whyEnded(job) !== null, tests: hasFailedTests(job) });
  const isNewestOfJob = newestAttempt(job.attempts)?.id === attemptId;
  return (
    <section className={css.pane} aria-label={`Job ${job.name}`}>
      <header className={css.paneHeader}>
        <h2 className={css.paneName}>{job.name}</h2>
        <JobBadge job={job} compact={!isJobOver(job.state) && job.message !== null} />
        <span className={css.grow} />
        {firstFailure ? (
          <Link to={{ search: firstFailure.search }} className={css.failure} preventScrollReset title={`${firstFailure.name} failed`}>
            {firstFailure.name} failed
          </Link>
        ) : null}
        <Link to={addressOf.job(job)} className={css.open}>
          <IconArrowsMaximize size={14} aria-hidden="true" /> Open job
        </Link>
      </header>
      {newest === null ? null : (
        <p className={css.why} role="status">
          This is an earlier try; the job was tried again since. <Link to={{ search: newest }}>Show the newest attempt</Link>
        </p>
      )}
      <WhyEnded job={job} run={run} late={!came.current.why} />
      <DeploymentNote job={job} />
      {job.tests && hasFailedTests(job) && isNewestOfJob ? (
        <FailedTests jobId={job.id} total={job.tests} late={!came.current.tests} />
      ) : null}
      {attemptId ? (
        <div className={css.log}>
          <LogView
            jobId={job.id}
            jobName={job.name}
            attemptId={attemptId}
            label={`Log of ${job.name}`}
            steps={isNewestOfJob ? logSteps(job) : []}
            openAtFailure={isJobFailed(job.state) && isNewestOfJob}
          />
        </div>
      ) : (
        <NoLogYet job={job} runOver={isRunOver(run.state)} />
      )}
    </section>
  );
}

const hasFailedTests = ({ tests }: Pick<RunJobFragment, 'tests'>): boolean => (tests?.failed ?? 0) > 0;

export function NoLogYet({ job, runOver }: { job: RunJobFragment; runOver: boolean }) {
  if (isJobOver(job.state) || runOver) return <p className={css.noLog}>This job never ran, so it has no log.</p>;
  const why =
    job.message ??
    (job.needs.length > 0 && job.state === 'WAITING' ? `It waits for ${job.needs.join(', ')}.` : 'It waits for a free agent.');
  return <p className={css.noLog}>{sentences('Not started yet.', why)}</p>;
}

export function logSteps(job: Pick<RunJobFragment, 'steps'>) {
  return job.steps.map(({ index, name, line, exitCode, durationMs }) => ({
    index,
    name,
    line,
    exitCode: exitCode ?? null,
    durationMs: durationMs ?? null,
  }));
}
