import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { IconArrowsDiff } from '@tabler/icons-react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useMore } from '../../api/use-more.ts';
import { useReadAgain } from '../../api/use-read-again.ts';
import { addressOf } from '../../domain/addresses.ts';
import { CommitsDocument } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { SearchField } from '../../ui/SearchField.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { RepositoryShell } from '../branches/RepositoryShell.tsx';
import { useRepositoryNews } from '../branches/use-repository-news.ts';
import type { FrameRepository } from '../repositories/chosen-repository.tsx';
import { CommitList } from './CommitList.tsx';
import css from './commits.module.css';
import { RefChoice } from './RefChoice.tsx';
import { useNoRunReasons } from './use-no-run-reasons.ts';

export function CommitsPage() {
  const { project = '', repository = '', '*': ref = '' } = useParams();
  return (
    <Page
      title={`Commits of ${ref || repository}`}
      heading={<Heading shown={ref} />}
      actions={<Actions project={project} repository={repository} />}
    >
      <RepositoryShell project={project} repository={repository}>
        {(found) => <Commits key={`${found.id} ${ref}`} project={project} repository={found} shown={ref || found.defaultBranch || ''} />}
      </RepositoryShell>
    </Page>
  );
}

function Heading({ shown }: { shown: string }) {
  return (
    <h1>
      Commits{shown ? ' of ' : ''}
      <span className={css.ref}>{shown}</span>
    </h1>
  );
}

function Actions({ project, repository }: { project: string; repository: string }) {
  return (
    <Button component={Link} to={addressOf.pushes(project, repository)} variant="default">
      Pushes
    </Button>
  );
}

function Commits({ project, repository, shown }: { project: string; repository: FrameRepository; shown: string }) {
  const navigate = useNavigate();
  const [address, setAddress] = useSearchParams();
  const query = address.get('q') ?? '';
  const at = { project, repository: repository.name };
  const variables = { ...at, ref: shown || null, query: query || null };
  const { data, previousData, error, refetch, fetchMore } = useQuery(CommitsDocument, { variables });
  useRepositoryNews(repository.id, useReadAgain(CommitsDocument, variables));
  const reasons = useNoRunReasons(at, shown);
  const commits = (data ?? previousData)?.project?.repository?.commits;
  const more = useMore(() => fetchMore({ variables: { after: commits?.pageInfo.endCursor } }));
  const isDefault = shown === repository.defaultBranch;
  return (
    <div className={css.stack}>
      <div className={css.tools}>
        <RefChoice at={at} shown={shown} onChoose={(ref) => navigate(addressOf.commits(at, ref))} />
        <SearchField label="Search commits" value={query} onSearch={(text) => setAddress(text ? { q: text } : {}, { replace: true })} />
        <span className={css.grow} />
        {repository.defaultBranch && !isDefault ? (
          <Button
            component={Link}
            to={addressOf.compare(at, repository.defaultBranch, shown)}
            variant="default"
            leftSection={<IconArrowsDiff size={15} />}
          >
            Compare with {repository.defaultBranch}
          </Button>
        ) : null}
      </div>
      <Panel flush>
        {error && !commits ? (
          <ReadFailed
            title="The commits can’t be read"
            error={error}
            onRetry={() => void refetch()}
            way={{ to: addressOf.commits(at, ''), name: 'Go to the default branch' }}
          />
        ) : null}
        {!commits && !error ? <RowsSkeleton rows={10} label="Loading the commits" /> : null}
        {commits?.edges.length === 0 ? <Nothing query={query} goesOn={commits.pageInfo.hasNextPage} /> : null}
        {commits ? <CommitList at={at} commits={commits.edges.map((edge) => edge.node)} reasons={reasons} /> : null}
        {commits?.pageInfo.hasNextPage ? <LoadMore {...more}>{query ? 'Search older commits' : 'Earlier commits'}</LoadMore> : null}
      </Panel>
    </div>
  );
}

function Nothing({ query, goesOn }: { query: string; goesOn: boolean }) {
  if (!query) return <EmptyState title="No commits yet">What is pushed here appears at once.</EmptyState>;
  return (
    <EmptyState title={`No commit matches “${query}”${goesOn ? ' so far' : ''}`}>
      {goesOn
        ? 'The newest 5,000 commits were searched; there are more.'
        : 'The search covers the message, the author and the beginning of the SHA.'}
    </EmptyState>
  );
}
