import { useQuery } from '@apollo/client/react';
import { Link } from 'react-router';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useLive } from '../../api/use-live.ts';
import { useRest } from '../../api/use-rest.ts';
import { ActivityChangedDocument, ActivityDocument } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { RunList } from './RunList.tsx';

const SHOWN = 100;

/** The newest runs of all projects, as they happen. */
export function ActivityPage() {
  const { data, error, refetch, fetchMore } = useQuery(ActivityDocument);
  const rest = useRest(data?.projects.pageInfo, (after) => fetchMore({ variables: { after } }));
  useLive(ActivityChangedDocument, NO_VARIABLES);
  const runs = data?.projects.edges
    .flatMap((project) => project.node.runs.edges.map((edge) => edge.node))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .slice(0, SHOWN);
  return (
    <Page title="Activity">
      <Panel flush>
        {error && !data ? <ReadFailed title="The activity can’t be read" error={error} onRetry={() => void refetch()} /> : null}
        {!runs && !error ? <RowsSkeleton rows={10} /> : null}
        {runs?.length === 0 && !rest.goesOn ? (
          <EmptyState title="Nothing has run yet">
            A run appears here as soon as somebody pushes to a repository, or starts one by hand.
          </EmptyState>
        ) : null}
        {runs && runs.length > 0 ? <RunList runs={runs} across /> : null}
        {rest.goesOn ? <LoadMore {...rest}>Runs of more projects</LoadMore> : null}
      </Panel>
      {runs && runs.length > 0 && !rest.goesOn ? (
        <p className="muted">
          The newest runs of each project. Earlier ones are under a <Link to="/projects">project’s</Link> Activity.
        </p>
      ) : null}
    </Page>
  );
}

const NO_VARIABLES = {};
