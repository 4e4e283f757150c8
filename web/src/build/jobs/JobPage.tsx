import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { PageReadFailed } from '../../api/ReadFailed.tsx';
import { useAction } from '../../api/use-action.ts';
import { useLive } from '../../api/use-live.ts';
import { addressOf, TO_PROJECTS } from '../../domain/addresses.ts';
import { isJobFailed, isJobOver, isRunOver, JOB_LOOK } from '../../domain/looks.ts';
import { JobBadge } from '../../domain/StateBadges.tsx';
import { JobPageDocument, type JobPageQuery, type JobState, RetryJobDocument, RunChangedDocument } from '../../generated/graphql.ts';
import { useAnnounceChange } from '../../ui/announce.ts';
import { usePageCrumbs } from '../../ui/crumbs.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { formatCount, formatDuration } from '../../ui/format.ts';
import { NotFound } from '../../ui/NotFound.tsx';
import { Page } from '../../ui/Page.tsx';
import { RowsSkeleton, Skeleton } from '../../ui/Skeleton.tsx';
import { Elapsed } from '../../ui/Time.tsx';
import { useTabState } from '../../ui/tab-icon.ts';
import { LogView } from '../logs/LogView.tsx';
import { runTitle } from '../runs/run-words.ts';
import { Artifacts } from './Artifacts.tsx';
import { Attempts } from './Attempts.tsx';
import { DeploymentNote } from './DeploymentNote.tsx';
import { FailedTests } from './FailedTests.tsx';
import { logSteps, NoLogYet } from './JobLogPane.tsx';
import css from './jobs.module.css';
import { newestAttempt } from './newest-attempt.ts';
import { storedTests, type TestTotals } from './stored-tests.ts';
import { WhyEnded } from './WhyEnded.tsx';

type PageJob = NonNullable<JobPageQuery['job']>;

export function JobPage() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useQuery(JobPageDocument, { variables: { id } });
  const job = data?.job;
  useLive(RunChangedDocument, job ? { id: job.run.id } : null);
  useRefetchOn(job ? `${job.state} ${job.attempts.length}` : null, refetch);
  usePageCrumbs(`/jobs/${id}`, job ? crumbsOf(job) : null);
  useAnnounceChange(job ? `Job ${job.name}: ${JOB_LOOK[job.state].word}` : null);
  if (job) return <JobView key={job.id} job={job} />;
  if (error) return <PageReadFailed title="This job can’t be shown" error={error} onRetry={() => void refetch()} way={TO_PROJECTS} />;
  if (data)
    return (
      <NotFound title="There is no such job" way={TO_PROJECTS}>
        It may have been deleted with its project, or the link may be incomplete.
      </NotFound>
    );
  return (
    <Page title="Job" heading={<Skeleton width={240} height={24} />} wide>
      <RowsSkeleton rows={8} label="Loading the job" />
    </Page>
  );
}

function JobView({ job }: { job: PageJob }) {
  const [search] = useSearchParams();
  const asked = search.get('attempt');
  const newest = newestAttempt(job.attempts);
  // Stays with the try it first showed: somebody may be reading when another begins.
  const first = useRef<string | null>(null);
  first.current ??= newest?.id ?? null;
  const shown = job.attempts.find((attempt) => attempt.id === (asked ?? first.current)) ?? null;
  const isNewest = shown?.id === newest?.id;
  const title = useTabState(`${job.name} · ${runTitle(job.run)}`, JOB_LOOK[job.state].tone);
  return (
    <Page title={title} heading={<h1>{job.name}</h1>} facts={<JobFacts job={job} />} actions={<Retry job={job} />} wide>
      <div className={css.page}>
        {asked === null && shown && !isNewest ? (
          <p className={css.why} role="status">
            Another attempt has begun since. <Link to={{ search: `?attempt=${newest?.id}` }}>Show the newest attempt</Link>
          </p>
        ) : null}
        <WhyEnded job={job} run={job.run} />
        <DeploymentNote job={job} />
        {job.tests && job.tests.failed > 0 && isNewest ? <FailedTests jobId={job.id} total={job.tests} /> : null}
        {shown ? (
          <div className={css.log}>
            <LogView
              jobId={job.id}
              attemptId={shown.id}
              label={`Log of ${job.name}`}
              steps={isNewest ? logSteps(job) : []}
              openAtFailure={isJobFailed(job.state) && isNewest}
            />
          </div>
        ) : asked !== null ? (
          <p className={css.noLog}>
            This job has no such attempt: the link may be of another job. <Link to={{ search: '' }}>Show the newest attempt</Link>
          </p>
        ) : (
          <NoLogYet job={job} runOver={isRunOver(job.run.state)} />
        )}
        <Attempts job={job} shownId={shown?.id ?? null} />
        <Artifacts artifacts={job.artifacts} />
      </div>
    </Page>
  );
}

const testsText = ({ passed, failed }: TestTotals): string =>
  `${formatCount(passed)} ${passed === 1 ? 'test' : 'tests'} passed${failed > 0 ? `, ${formatCount(failed)} failed` : ''}`;

function JobFacts({ job }: { job: PageJob }) {
  return (
    <>
      <JobBadge job={job} size="large" />
      <span>{job.kind.toLowerCase()}</span>
      <Link to={addressOf.run(job.run)}>
        {runTitle(job.run)} #{job.run.number}
      </Link>
      <span>
        <Elapsed from={job.startedAt} to={job.finishedAt} inline />
        {job.expectedMs && !isJobOver(job.state) ? ` of ~${formatDuration(job.expectedMs)} expected` : null}
      </span>
      <span>limit {formatDuration(job.timeoutMs)}</span>
      {job.agent ? <span>on {job.agent.name}</span> : null}
      {job.sandbox ? <span>{job.sandbox}</span> : null}
      {job.tests ? <span title={storedTests(job.tests) ?? undefined}>{testsText(job.tests)}</span> : null}
    </>
  );
}

const RETRIABLE = new Set<JobState>(['FAILED', 'TIMED_OUT', 'CANCELLED']);

/** A retry is a new job; the page goes there. */
function Retry({ job }: { job: PageJob }) {
  const navigate = useNavigate();
  const { run, busy, error } = useAction(RetryJobDocument);
  if (!RETRIABLE.has(job.state) || !job.run.project.permissions.includes('job.retry')) return null;
  if (!job.isCurrent)
    return <Link to={`${addressOf.run(job.run)}?job=${encodeURIComponent(job.name)}`}>It was retried. Go to the newest attempt</Link>;
  const retry = async () => {
    const result = await run({ id: job.id });
    if (result) navigate(addressOf.job(result.retryJob));
  };
  return (
    <>
      <ErrorNote message={error} />
      <Button variant="default" leftSection={<IconRefresh size={16} />} loading={busy} onClick={() => void retry()}>
        Retry job
      </Button>
    </>
  );
}

/** What the run's subscription does not carry (artifacts, agents, how an attempt ended) is read again when the job moves on. */
function useRefetchOn(key: string | null, refetch: () => Promise<unknown>): void {
  const before = useRef(key);
  useEffect(() => {
    const moved = before.current !== null && key !== null && before.current !== key;
    before.current = key;
    // A refetch that fails leaves what is shown; the error comes with the query's own state.
    if (moved) void refetch().catch(() => undefined);
  }, [key, refetch]);
}

function crumbsOf(job: PageJob) {
  return [
    { name: 'Projects', to: '/projects' },
    { name: job.run.project.name, to: addressOf.project(job.run.project.name) },
    { name: `${job.run.repository.name} #${job.run.number}`, to: addressOf.run(job.run) },
    { name: job.name, to: addressOf.job(job) },
  ];
}
