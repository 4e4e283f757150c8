import { useQuery } from '@apollo/client/react';
import { useParams, useSearchParams } from 'react-router';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { CompareDocument } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { FilterLinks } from '../../ui/FilterLinks.tsx';
import { Page } from '../../ui/Page.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { RepositoryShell } from '../branches/RepositoryShell.tsx';
import { useRepositoryNews } from '../branches/use-repository-news.ts';
import type { FrameRepository } from '../repositories/chosen-repository.tsx';
import { ChangedFiles } from './ChangedFiles.tsx';
import { ComparedCommits } from './ComparedCommits.tsx';
import { CompareTools } from './CompareTools.tsx';
import css from './commits.module.css';
import { comparedOf } from './compared.ts';

export function ComparePage() {
  const { project = '', repository = '', '*': compared = '' } = useParams();
  return (
    <Page title="Compare">
      <RepositoryShell project={project} repository={repository}>
        {(found) => {
          const { base, head } = comparedOf(compared, found.defaultBranch ?? '');
          return <Compare key={`${found.id} ${base}...${head}`} project={project} repository={found} base={base} head={head} />;
        }}
      </RepositoryShell>
    </Page>
  );
}

type Props = { project: string; repository: FrameRepository; base: string; head: string };

function Compare({ project, repository, base, head }: Props) {
  const at = { id: repository.id, project, repository: repository.name };
  const complete = Boolean(base && head);
  const { data, error, refetch } = useQuery(CompareDocument, {
    variables: { repositoryId: repository.id, base, head },
    skip: !complete,
    fetchPolicy: 'cache-and-network',
  });
  useRepositoryNews(complete ? repository.id : null, () => void refetch());
  const comparison = data?.compare;
  return (
    <div className={css.stack}>
      <CompareTools at={at} base={base} head={head} comparison={comparison ?? null} onMerged={() => void refetch()} />
      {!complete ? (
        <EmptyState title="Choose what to compare">
          Two branches, tags or commits. The page then shows what the second has and the first does not.
        </EmptyState>
      ) : null}
      {error && !comparison ? <ReadFailed title="These can’t be compared" error={error} onRetry={() => void refetch()} /> : null}
      {complete && !comparison && !error ? <RowsSkeleton rows={8} label="Loading the comparison" /> : null}
      {comparison ? <Compared at={at} base={base} head={head} comparison={comparison} /> : null}
    </div>
  );
}

type ComparedProps = {
  at: { id: string; project: string; repository: string };
  base: string;
  head: string;
  comparison: { ahead?: number | null; baseSha: string; headSha: string };
};

/** From here on by commits: names move while one reads. */
function Compared({ at, base, head, comparison }: ComparedProps) {
  const [search] = useSearchParams();
  const view = search.get('view') === 'files' ? 'files' : 'commits';
  const pair = { repositoryId: at.id, base: comparison.baseSha, head: comparison.headSha };
  if (comparison.ahead === 0)
    return <EmptyState title={`${head} has nothing that ${base} doesn’t have`}>Swap the two to see what it is missing.</EmptyState>;
  return (
    <>
      <FilterLinks
        label="Show"
        choices={[
          { name: 'Commits', search: '', current: view === 'commits' },
          { name: 'Files', search: '?view=files', current: view === 'files' },
        ]}
      />
      {view === 'files' ? <ChangedFiles pair={pair} /> : <ComparedCommits at={at} pair={pair} />}
    </>
  );
}
