import { useApi } from '../../api/api.ts';
import { ProjectFrameDocument, type RepositoryRowFragment } from '../../generated/graphql.ts';

/** Shows a repository that was just made wherever the project's repositories stand. */
export function useListRepository(project: string): (made: RepositoryRowFragment) => void {
  const { cache } = useApi().apollo;
  return (made) => {
    cache.updateQuery(
      { query: ProjectFrameDocument, variables: { name: project } },
      (data) => data?.project && { project: { ...data.project, repositories: [...data.project.repositories, made].sort(byName) } },
    );
  };
}

const byName = (a: RepositoryRowFragment, b: RepositoryRowFragment) => (a.name < b.name ? -1 : 1);
