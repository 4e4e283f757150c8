import { useQuery } from '@apollo/client/react';
import { lazy, Suspense } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { errorMessage } from '../../api/errors.ts';
import { loadPart } from '../../api/load-part.ts';
import { useLive } from '../../api/use-live.ts';
import { RunChangedDocument, type RunDetailsFragment, RunPageDocument } from '../../generated/graphql.ts';
import { useAnnounceChange } from '../../ui/announce.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Page } from '../../ui/Page.tsx';
import { RowsSkeleton, Skeleton } from '../../ui/Skeleton.tsx';
import { JobLogPane } from '../jobs/JobLogPane.tsx';
import { RUN_LOOK } from '../states/looks.ts';
import { jobToShow } from './choose-job.ts';
import { JobList } from './JobList.tsx';
import { PipelineProblems } from './PipelineProblems.tsx';
import { RunActions, RunFacts } from './RunHeader.tsx';
import css from './RunPage.module.css';
import { runTitle } from './run-words.ts';
import { StatusReportLine } from './StatusReportLine.tsx';

const JobGraph = lazy(async () => ({ default: (await loadPart(() => import('./JobGraph.tsx'))).JobGraph }));

export function RunPage() {
  const { project = '', repository = '', number = '' } = useParams();
  const { data, error, refetch } = useQuery(RunPageDocument, { variables: { project, repository, number: Number(number) || 0 } });
  const run = data?.runByNumber;
  useLive(RunChangedDocument, run ? { id: run.id } : null);
  useAnnounceChange(run ? `Run ${run.number}: ${RUN_LOOK[run.state].word}` : null);
  if (run) return <RunView run={run} />;
  if (error) return <ErrorPanel title="This run can’t be shown" message={errorMessage(error)} onRetry={() => void refetch()} />;
  if (data)
    return (
      <ErrorPanel
        title={`There is no run ${number} in ${repository}`}
        message="Look at the project’s activity for the runs that there are."
      />
    );
  return (
    <Page title={`Run ${number}`} heading={<Skeleton width={320} height={24} />} wide>
      <RowsSkeleton rows={8} label="Loading the run" />
    </Page>
  );
}

function RunView({ run }: { run: RunDetailsFragment }) {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const chosen = run.jobs.find((job) => job.name === search.get('job')) ?? jobToShow(run.jobs);
  const choose = (name: string) => navigate({ search: `?job=${encodeURIComponent(name)}` }, { preventScrollReset: true });
  return (
    <Page
      title={`${runTitle(run)} · #${run.number}`}
      heading={<h1>{runTitle(run)}</h1>}
      facts={<RunFacts run={run} />}
      actions={<RunActions run={run} chosen={chosen} />}
      wide
    >
      {run.statusReport?.error ? <StatusReportLine report={run.statusReport} /> : null}
      {run.problems.length > 0 ? <PipelineProblems problems={run.problems} sha={run.commitSha} /> : null}
      {run.jobs.length > 1 ? (
        <div className={css.graph}>
          <Suspense fallback={<Skeleton height={80} />}>
            <JobGraph jobs={run.jobs} chosenId={chosen?.id ?? null} onChoose={choose} />
          </Suspense>
        </div>
      ) : null}
      {run.jobs.length > 0 ? (
        <div className={css.split}>
          <JobList jobs={run.jobs} chosenId={chosen?.id ?? null} />
          {chosen ? <JobLogPane key={chosen.id} job={chosen} run={run} /> : null}
        </div>
      ) : null}
    </Page>
  );
}
