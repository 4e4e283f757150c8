import { useQuery } from '@apollo/client/react';
import { lazy, Suspense } from 'react';
import { useNavigate, useParams } from 'react-router';
import { loadPart } from '../../api/load-part.ts';
import { PageReadFailed } from '../../api/ReadFailed.tsx';
import { useLive } from '../../api/use-live.ts';
import { isJobFailed, RUN_LOOK } from '../../domain/looks.ts';
import { RunChangedDocument, type RunDetailsFragment, RunPageDocument } from '../../generated/graphql.ts';
import { useAnnounceChange } from '../../ui/announce.ts';
import { NotFound } from '../../ui/NotFound.tsx';
import { Page } from '../../ui/Page.tsx';
import { RowsSkeleton, Skeleton } from '../../ui/Skeleton.tsx';
import { useTabState } from '../../ui/tab-icon.ts';
import { JobLogPane } from '../jobs/JobLogPane.tsx';
import { newestAttempt } from '../jobs/newest-attempt.ts';
import { JobList } from './JobList.tsx';
import { graphHeight } from './job-graph-size.ts';
import { PipelineProblems } from './PipelineProblems.tsx';
import { RunActions, RunFacts } from './RunHeader.tsx';
import css from './RunPage.module.css';
import { runTitle } from './run-words.ts';
import { StatusReportLine } from './StatusReportLine.tsx';
import { type ShownJob, searchOfJob, useShownJob } from './use-shown-job.ts';

const JobGraph = lazy(async () => ({ default: (await loadPart(() => import('./JobGraph.tsx'))).JobGraph }));

export function RunPage() {
  const { project = '', repository = '', number = '' } = useParams();
  const { data, error, refetch } = useQuery(RunPageDocument, { variables: { project, repository, number: Number(number) || 0 } });
  const run = data?.runByNumber;
  useLive(RunChangedDocument, run ? { id: run.id } : null);
  useAnnounceChange(run ? `Run ${run.number}: ${RUN_LOOK[run.state].word}` : null);
  if (run) return <RunView run={run} />;
  const way = { to: `/projects/${project}`, name: 'Go to the project’s runs' };
  if (error) return <PageReadFailed title="This run can’t be shown" error={error} onRetry={() => void refetch()} way={way} />;
  if (data)
    return (
      <NotFound title={`There is no run ${number} in ${repository}`} way={way}>
        It may have been deleted with its repository, or the link may be incomplete.
      </NotFound>
    );
  return (
    <Page title={`Run ${number}`} heading={<Skeleton width={320} height={24} />} wide>
      <RowsSkeleton rows={8} label="Loading the run" />
    </Page>
  );
}

function RunView({ run }: { run: RunDetailsFragment }) {
  const navigate = useNavigate();
  const shown = useShownJob(run);
  const chosen = shown.kind === 'job' ? shown.job : null;
  const title = useTabState(`${runTitle(run)} · #${run.number}`, RUN_LOOK[run.state].tone);
  const choose = (name: string) => navigate({ search: searchOfJob(name) }, { preventScrollReset: true });
  return (
    <Page
      title={title}
      heading={<h1>{runTitle(run)}</h1>}
      facts={<RunFacts run={run} />}
      actions={<RunActions run={run} chosen={chosen} />}
      wide
    >
      {run.statusReport?.error ? <StatusReportLine report={run.statusReport} /> : null}
      {run.problems.length > 0 ? <PipelineProblems problems={run.problems} sha={run.commitSha} /> : null}
      {run.jobs.length > 1 ? (
        <div className={css.graph} style={{ height: graphHeight(run.jobs) }}>
          <Suspense>
            <JobGraph jobs={run.jobs} chosenName={chosen?.name ?? null} onChoose={choose} />
          </Suspense>
        </div>
      ) : null}
      {run.jobs.length > 0 ? (
        <div className={css.split}>
          <JobList jobs={run.jobs} chosenName={chosen?.name ?? null} />
          <ShownJobPane run={run} shown={shown} />
        </div>
      ) : null}
    </Page>
  );
}

function ShownJobPane({ run, shown }: { run: RunDetailsFragment; shown: ShownJob }) {
  if (shown.kind === 'loading') return <RowsSkeleton rows={8} label="Loading the job" />;
  if (shown.kind === 'nothing') return <p className={css.nothing}>{shown.message} Choose one of the list.</p>;
  const { job, attemptId, isOld } = shown;
  const failed = run.jobs.find((each) => isJobFailed(each.state));
  return (
    <JobLogPane
      key={job.id}
      job={job}
      attemptId={attemptId}
      newest={isOld ? searchOfNewest(run, job.name) : null}
      firstFailure={failed && failed.name !== job.name ? { name: failed.name, search: searchOfJob(failed.name) } : null}
      run={run}
    />
  );
}

function searchOfNewest(run: RunDetailsFragment, name: string): string {
  const attempt = newestAttempt(run.jobs.find((job) => job.name === name)?.attempts ?? []);
  return searchOfJob(name) + (attempt ? `&attempt=${attempt.id}` : '');
}
