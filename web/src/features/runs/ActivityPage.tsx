import { useQuery } from '@apollo/client/react';
import { errorMessage } from '../../api/errors.ts';
import { useLive } from '../../api/use-live.ts';
import { ActivityDocument, ProjectActivityDocument } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { RunList } from './RunList.tsx';

const SHOWN = 100;

/** The newest runs of all projects, as they happen. */
export function ActivityPage() {
  const { data, error, refetch } = useQuery(ActivityDocument);
  useLive(ProjectActivityDocument, ALL_PROJECTS);
  const runs = data?.projects.edges
    .flatMap((project) => project.node.runs.edges.map((edge) => edge.node))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .slice(0, SHOWN);
  return (
    <Page title="Activity">
      <Panel flush>
        {error && !data ? (
          <ErrorPanel title="The activity can’t be read" message={errorMessage(error)} onRetry={() => void refetch()} />
        ) : null}
        {!runs && !error ? <RowsSkeleton rows={10} /> : null}
        {runs?.length === 0 ? (
          <EmptyState title="Nothing has run yet">
            A run appears here as soon as somebody pushes to a repository, or starts one by hand.
          </EmptyState>
        ) : null}
        {runs && runs.length > 0 ? <RunList runs={runs} across /> : null}
      </Panel>
    </Page>
  );
}

const ALL_PROJECTS = { project: null };
