import { useSubscription } from '@apollo/client/react';
import { useRef } from 'react';
import { RepositoryNewsDocument } from '../../generated/graphql.ts';

/**
 * Calls `onNews` when something was pushed to a repository, one of its runs was started by it, or a pull request changed:
 * whoever shows a list of it reads that again. Also once at the beginning, as something may have happened between the
 * first reading and the first event.
 */
export function useRepositoryNews(repositoryId: string | null, onNews: () => void): void {
  const tell = useRef(onNews);
  tell.current = onNews;
  useSubscription(RepositoryNewsDocument, {
    variables: { id: repositoryId ?? '' },
    skip: repositoryId === null,
    onData: () => tell.current(),
  });
}
