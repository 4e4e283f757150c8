import { useQuery } from '@apollo/client/react';
import { useSearchParams } from 'react-router';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useMore } from '../../api/use-more.ts';
import { useReadAgain } from '../../api/use-read-again.ts';
import { type PullRequestState, PullRequestsDocument } from '../../generated/graphql.ts';
import { FilterLinks } from '../../ui/FilterLinks.tsx';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { Panel } from '../../ui/Panel.tsx';
import rows from '../../ui/rows.module.css';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { useRepositoryNews } from '../branches/use-repository-news.ts';
import { type FrameRepository, RepositoryChoice, useChosenRepository } from '../repositories/chosen-repository.tsx';
import { FirstPush } from '../repositories/FirstPush.tsx';
import { useFrameProject } from '../repositories/frame-project.ts';
import { NoPullRequests } from './NoPullRequests.tsx';
import { PullRequestRow } from './PullRequestRow.tsx';
import { PULL_REQUEST_LOOK } from './pull-request-looks.ts';
import css from './pull-requests.module.css';

const STATES: PullRequestState[] = ['OPEN', 'MERGED', 'CLOSED'];

export function PullRequestsTab() {
  const project = useFrameProject();
  const repository = useChosenRepository(project);
  if (!repository)
    return (
      <Panel flush>
        <FirstPush project={project} />
      </Panel>
    );
  return (
    <div className={css.stack}>
      <RepositoryChoice project={project} chosen={repository} />
      <PullRequestList key={repository.id} project={project.name} repository={repository} />
    </div>
  );
}

function PullRequestList({ project, repository }: { project: string; repository: FrameRepository }) {
  const [search] = useSearchParams();
  const state = STATES.find((each) => each.toLowerCase() === search.get('state')) ?? 'OPEN';
  const variables = { project, repository: repository.name, state };
  const { data, error, refetch, fetchMore } = useQuery(PullRequestsDocument, { variables });
  useRepositoryNews(repository.id, useReadAgain(PullRequestsDocument, variables));
  const page = data?.project?.repository?.pullRequests;
  const more = useMore(() => fetchMore({ variables: { after: page?.pageInfo.endCursor } }));
  // What is in the cache's list of a state may have left it meanwhile.
  const shown = page?.edges.map((edge) => edge.node).filter((each) => each.state === state);
  return (
    <>
      {repository.kind === 'EXTERNAL' ? (
        <FilterLinks
          label="State"
          choices={STATES.map((each) => ({
            name: PULL_REQUEST_LOOK[each].word,
            search: `?repository=${repository.name}&state=${each.toLowerCase()}`,
            current: each === state,
          }))}
        />
      ) : null}
      <Panel flush>
        {error && !page ? <ReadFailed title="The pull requests can’t be read" error={error} onRetry={() => void refetch()} /> : null}
        {!page && !error ? <RowsSkeleton rows={6} label="Loading the pull requests" /> : null}
        {shown?.length === 0 ? <NoPullRequests project={project} repository={repository} state={state} /> : null}
        <div className={`${rows.list} ${css.list}`}>
          {shown?.map((pullRequest) => (
            <PullRequestRow key={pullRequest.id} pullRequest={pullRequest} at={{ project, repository: repository.name }} />
          ))}
        </div>
        {page?.pageInfo.hasNextPage ? <LoadMore {...more}>Earlier pull requests</LoadMore> : null}
      </Panel>
    </>
  );
}
