import { useSubscription } from '@apollo/client/react';
import { useEffect, useRef } from 'react';
import { RepositoryNewsDocument, type RepositoryNewsSubscription } from '../../generated/graphql.ts';

type NewsOfProject = RepositoryNewsSubscription['projectActivity']['project'];

/**
 * Calls `onNews` when something was pushed to a repository, a run was started or a pull request changed: whoever shows a
 * list of it reads that again. Also once at the beginning, as something may have happened between the first reading and
 * the first event. Kept out of the cache, as only the difference counts.
 */
export function useRepositoryNews(project: string, repositoryId: string | null, onNews: () => void): void {
  const { data } = useSubscription(RepositoryNewsDocument, {
    variables: { project },
    skip: repositoryId === null,
    fetchPolicy: 'no-cache',
  });
  const news = data && repositoryId ? newsOf(data.projectActivity.project, repositoryId) : null;
  const tell = useRef(onNews);
  tell.current = onNews;
  useEffect(() => {
    if (news !== null) tell.current();
  }, [news]);
}

function newsOf(project: NewsOfProject, repositoryId: string): string {
  return JSON.stringify([project.lastRun?.id, project.repositories.find((repository) => repository.id === repositoryId)]);
}
