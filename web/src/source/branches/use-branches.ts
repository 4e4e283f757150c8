import { useQuery } from '@apollo/client/react';
import { useSearchParams } from 'react-router';
import { errorMessage } from '../../api/errors.ts';
import { useMore } from '../../api/use-more.ts';
import { useReadAgain } from '../../api/use-read-again.ts';
import { BranchesDocument, type BranchOrder } from '../../generated/graphql.ts';
import { useRepositoryNews } from './use-repository-news.ts';

/** The branches that the address asks for (`?q=`, `?order=`), page after page; they follow what is pushed. */
export function useBranches(project: string, repository: { id: string; name: string }) {
  const [address, setAddress] = useSearchParams();
  const search = address.get('q') ?? '';
  const order: BranchOrder = address.get('order') === 'updated' ? 'UPDATED' : 'NAME';
  const variables = { project, repository: repository.name, order, search: search || null };
  const { data, previousData, error, refetch, fetchMore } = useQuery(BranchesDocument, { variables });
  const readAgain = useReadAgain(BranchesDocument, variables);
  useRepositoryNews(repository.id, readAgain);
  // While another search is being read, the previous result stays, so that nothing jumps while typing.
  const branches = (data ?? previousData)?.project?.repository?.branches;
  const more = useMore(() => fetchMore({ variables: { after: branches?.pageInfo.endCursor } }));
  const setSearch = (text: string) =>
    setAddress(
      (before) => {
        if (text) before.set('q', text);
        else before.delete('q');
        return before;
      },
      { replace: true },
    );
  return {
    branches: branches?.edges.map((edge) => edge.node),
    hasMore: branches?.pageInfo.hasNextPage ?? false,
    isOld: data === undefined,
    search,
    order,
    setSearch,
    more,
    readAgain,
    error: error && !branches ? errorMessage(error) : null,
    retry: () => void refetch(),
  };
}
