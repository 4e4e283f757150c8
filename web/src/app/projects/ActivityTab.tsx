import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { RunList } from '../../build/runs/RunList.tsx';
import { RUN_LOOK } from '../../domain/looks.ts';
import { ProjectRunsDocument, type RunState } from '../../generated/graphql.ts';
import { LastPushNote } from '../../source/commits/LastPushNote.tsx';
import { Pushes } from '../../source/commits/Pushes.tsx';
import { RepositoryChoice, useChosenRepository } from '../../source/repositories/chosen-repository.tsx';
import { FirstPush } from '../../source/repositories/FirstPush.tsx';
import { type FrameProject, useFrameProject } from '../../source/repositories/frame-project.ts';
import { GuidedStart } from '../../source/repositories/GuidedStart.tsx';
import { useGuide } from '../../source/repositories/use-guide.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { FilterLinks } from '../../ui/FilterLinks.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import css from './projects.module.css';

const FILTERS = ['RUNNING', 'FAILED', 'SUCCEEDED', 'CANCELLED', 'INVALID'] as const satisfies RunState[];

const NONE_IN: Record<(typeof FILTERS)[number], string> = {
  RUNNING: 'Nothing is running',
  FAILED: 'No runs have failed',
  SUCCEEDED: 'No runs have succeeded yet',
  CANCELLED: 'No runs were cancelled',
  INVALID: 'No runs had an invalid pipeline',
};

/** What happened in a project: its runs, or what was pushed and came of it. */
export function ActivityTab() {
  const project = useFrameProject();
  const [search] = useSearchParams();
  return search.get('view') === 'pushes' ? <PushesView project={project} /> : <RunsView project={project} />;
}

function PushesView({ project }: { project: FrameProject }) {
  const repository = useChosenRepository(project);
  return (
    <div className={css.stack}>
      <Filters chosen="pushes" />
      {repository ? <RepositoryChoice project={project} chosen={repository} /> : null}
      {repository ? <Pushes key={repository.id} project={project.name} repository={repository} /> : <FirstPush project={project} />}
    </div>
  );
}

/** The runs of a project, newest first; new ones come in by themselves. */
function RunsView({ project }: { project: FrameProject }) {
  const [search] = useSearchParams();
  const state = FILTERS.find((each) => each.toLowerCase() === search.get('state')) ?? null;
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
  const guided = useGuide(state === null && runs?.pageInfo.hasNextPage === false ? shown : undefined);
  const [newest] = shown ?? [];
  return (
    <div className={css.stack}>
      <Filters chosen={state} />
      {shown && !state ? <LastPushNote project={project.name} newestRunAt={shown[0]?.createdAt ?? null} /> : null}
      <Panel flush>
        {error && !runs ? <ReadFailed title="The runs can’t be read" error={error} onRetry={() => void refetch()} /> : null}
        {!runs && !error ? <RowsSkeleton rows={8} /> : null}
        {shown?.length === 0 && state ? <EmptyState title={NONE_IN[state]} /> : null}
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
      {guided && newest && !state ? <GuidedStart project={project.name} newest={newest} /> : null}
    </div>
  );
}

function Filters({ chosen }: { chosen: RunState | 'pushes' | null }) {
  return (
    <div className={css.activityFilters}>
      <FilterLinks
        label="Filter by state"
        choices={[
          { name: 'All', search: '', current: chosen === null },
          ...FILTERS.map((state) => ({ name: RUN_LOOK[state].word, search: `?state=${state.toLowerCase()}`, current: chosen === state })),
        ]}
      />
      <FilterLinks label="Instead of runs" choices={[{ name: 'Pushes', search: '?view=pushes', current: chosen === 'pushes' }]} />
    </div>
  );
}
