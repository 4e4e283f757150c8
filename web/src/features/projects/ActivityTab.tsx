import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { errorMessage } from '../../api/errors.ts';
import { ProjectRunsDocument, type RunState } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { RunList } from '../runs/RunList.tsx';
import { RUN_LOOK } from '../states/looks.ts';
import { FirstPush } from './FirstPush.tsx';
import { useFrameProject } from './ProjectPage.tsx';
import css from './projects.module.css';

const FILTERS: RunState[] = ['running', 'failed', 'succeeded', 'cancelled', 'invalid'];

/** The runs of a project, newest first; new ones come in by themselves. */
export function ActivityTab() {
  const project = useFrameProject();
  const [search] = useSearchParams();
  const state = FILTERS.find((each) => each === search.get('state')) ?? null;
  const { data, error, refetch, fetchMore } = useQuery(ProjectRunsDocument, { variables: { name: project.name, state } });
  const [reading, setReading] = useState(false);
  const runs = data?.project?.runs;

  const more = async () => {
    setReading(true);
    try {
      await fetchMore({ variables: { after: runs?.pageInfo.endCursor } });
    } finally {
      setReading(false);
    }
  };
  // A filtered list is what the filter finds now: the cache keeps runs in it that have moved on.
  const shown = runs?.edges.map((edge) => edge.node).filter((run) => state === null || run.state === state);
  return (
    <div className={css.stack}>
      {shown?.length || state ? <Filters chosen={state} /> : null}
      <Panel flush>
        {error && !runs ? <ErrorPanel title="The runs can’t be read" message={errorMessage(error)} onRetry={() => void refetch()} /> : null}
        {!runs && !error ? <RowsSkeleton rows={8} /> : null}
        {shown?.length === 0 && state ? <EmptyState title={`No run is ${RUN_LOOK[state].word.toLowerCase()}`} /> : null}
        {shown?.length === 0 && !state ? <FirstPush project={project} /> : null}
        {shown && shown.length > 0 ? <RunList runs={shown} /> : null}
        {runs?.pageInfo.hasNextPage ? (
          <div className={css.more}>
            <Button variant="default" loading={reading} onClick={() => void more()}>
              Earlier runs
            </Button>
          </div>
        ) : null}
      </Panel>
    </div>
  );
}

function Filters({ chosen }: { chosen: RunState | null }) {
  return (
    <nav className={css.filters} aria-label="Filter by state">
      <Link to={{ search: '' }} className={css.filter} aria-current={chosen === null}>
        All
      </Link>
      {FILTERS.map((state) => (
        <Link key={state} to={{ search: `?state=${state}` }} className={css.filter} aria-current={chosen === state}>
          {RUN_LOOK[state].word}
        </Link>
      ))}
    </nav>
  );
}
