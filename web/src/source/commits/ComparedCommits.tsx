import { useQuery } from '@apollo/client/react';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useMore } from '../../api/use-more.ts';
import { ComparedCommitsDocument } from '../../generated/graphql.ts';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { CommitList } from './CommitList.tsx';

/** Two commits of a repository, in full. */
export type ComparedPair = { repositoryId: string; base: string; head: string };

export function ComparedCommits({ at, pair }: { at: { project: string; repository: string }; pair: ComparedPair }) {
  const { data, error, refetch, fetchMore } = useQuery(ComparedCommitsDocument, { variables: pair });
  const commits = data?.compare.commits;
  const more = useMore(() => fetchMore({ variables: { after: commits?.pageInfo.endCursor } }));
  return (
    <Panel flush>
      {error && !commits ? <ReadFailed title="The commits can’t be read" error={error} onRetry={() => void refetch()} /> : null}
      {!commits && !error ? <RowsSkeleton rows={8} label="Loading the commits" /> : null}
      {commits ? <CommitList at={at} commits={commits.edges.map((edge) => edge.node)} /> : null}
      {commits?.pageInfo.hasNextPage ? <LoadMore {...more}>More commits</LoadMore> : null}
    </Panel>
  );
}
