import { useSubscription } from '@apollo/client/react';
import { useRef } from 'react';
import { RepositoryNewsDocument } from '../../generated/graphql.ts';

/**
 * Calls `onNews` when something was pushed to a repository, a push started one of its runs, or a pull request changed, so that lists of it can be
 * read again. Also calls it once at the beginning, because something may have happened between the first read and the first event.
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
