import { useQuery } from '@apollo/client/react';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useMore } from '../../api/use-more.ts';
import { useReadAgain } from '../../api/use-read-again.ts';
import { PushesDocument } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { useRepositoryNews } from '../branches/use-repository-news.ts';
import { PushRow } from './PushRow.tsx';

/** The pushes, newest first, each with its run or the reason why it started none. */
export function Pushes({ project, repository }: { project: string; repository: { id: string; name: string } }) {
  const variables = { project, repository: repository.name };
  const { data, error, refetch, fetchMore } = useQuery(PushesDocument, { variables });
  useRepositoryNews(repository.id, useReadAgain(PushesDocument, variables));
  const pushes = data?.project?.repository?.pushes;
  const more = useMore(() => fetchMore({ variables: { after: pushes?.pageInfo.endCursor } }));
  return (
    <Panel flush>
      {error && !pushes ? <ReadFailed title="The pushes can’t be read" error={error} onRetry={() => void refetch()} /> : null}
      {!pushes && !error ? <RowsSkeleton rows={8} label="Loading the pushes" /> : null}
      {pushes?.edges.length === 0 ? (
        <EmptyState title="Nothing has been pushed yet">
          Each push appears here, with the run that it started or the reason why it started none.
        </EmptyState>
      ) : null}
      <ul>
        {pushes?.edges.map(({ node }) => (
          <PushRow key={node.id} push={node} at={{ project, repository: repository.name }} />
        ))}
      </ul>
      {pushes?.pageInfo.hasNextPage ? <LoadMore {...more}>Earlier pushes</LoadMore> : null}
    </Panel>
  );
}
