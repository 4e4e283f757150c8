import { IconArrowsMaximize } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { RunJobFragment } from '../../generated/graphql.ts';
import { LogView } from '../logs/LogView.tsx';
import { addressOf } from '../states/addresses.ts';
import { isJobFailed, isJobOver } from '../states/looks.ts';
import { JobBadge } from '../states/StateBadges.tsx';
import { DeploymentNote } from './DeploymentNote.tsx';
import { FailedTests } from './FailedTests.tsx';
import css from './jobs.module.css';

type PaneJob = RunJobFragment;

/** What a run shows of its chosen job: why it ended so, its failed test cases first, then the log. */
export function JobLogPane({ job, runOver }: { job: PaneJob; runOver: boolean }) {
  const attempt = newestAttempt(job.attempts);
  return (
    <section className={css.pane} aria-label={`Job ${job.name}`}>
      <header className={css.paneHeader}>
        <h2>{job.name}</h2>
        <JobBadge job={job} />
        <span className={css.grow} />
        <Link to={addressOf.job(job)} className={css.open}>
          <IconArrowsMaximize size={14} aria-hidden="true" /> Open job
        </Link>
      </header>
      {isJobOver(job.state) && job.message && job.state !== 'SUCCEEDED' ? (
        <p className={css.why} data-tone={isJobFailed(job.state) ? 'negative' : 'muted'}>
          {job.message}
        </p>
      ) : null}
      <DeploymentNote deployment={job.deployment} environmentName={job.environmentName} />
      {job.tests && job.tests.failed > 0 ? <FailedTests jobId={job.id} total={job.tests} /> : null}
      {attempt ? (
        <div className={css.log}>
          <LogView
            jobId={job.id}
            attemptId={attempt.id}
            label={`Log of ${job.name}`}
            steps={logSteps(job)}
            openAtFailure={isJobFailed(job.state)}
          />
        </div>
      ) : (
        <NoLogYet job={job} runOver={runOver} />
      )}
    </section>
  );
}

function NoLogYet({ job, runOver }: { job: PaneJob; runOver: boolean }) {
  if (isJobOver(job.state) || runOver) return <p className={css.noLog}>This job never ran, so it has no log.</p>;
  const why =
    job.message ??
    (job.needs.length > 0 && job.state === 'WAITING' ? `It waits for ${job.needs.join(', ')}.` : 'It waits for a free agent.');
  return <p className={css.noLog}>Not started yet. {why}</p>;
}

export function newestAttempt<T extends { number: number }>(attempts: T[]): T | null {
  return attempts.reduce<T | null>((newest, each) => (newest === null || each.number > newest.number ? each : newest), null);
}

export function logSteps(job: Pick<PaneJob, 'steps'>) {
  return job.steps.map(({ index, name, line, exitCode, durationMs }) => ({
    index,
    name,
    line,
    exitCode: exitCode ?? null,
    durationMs: durationMs ?? null,
  }));
}
