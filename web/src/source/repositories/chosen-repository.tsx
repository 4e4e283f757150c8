import { useSearchParams } from 'react-router';
import { FilterLinks } from '../../ui/FilterLinks.tsx';
import type { FrameProject } from './frame-project.ts';

export type FrameRepository = FrameProject['repositories'][number];

/** Of which repository a tab tells: the one in the address, else the first that has something in it. */
export function useChosenRepository(project: FrameProject): FrameRepository | null {
  const [search] = useSearchParams();
  const named = project.repositories.find((repository) => repository.name === search.get('repository'));
  return named ?? project.repositories.find((repository) => repository.defaultBranch) ?? project.repositories[0] ?? null;
}

/** Shown when there is more than one. What else the address says of the list is of the one that is left. */
export function RepositoryChoice({ project, chosen }: { project: FrameProject; chosen: FrameRepository }) {
  const [search] = useSearchParams();
  if (project.repositories.length < 2) return null;
  const view = search.get('view');
  return (
    <FilterLinks
      label="Repository"
      choices={project.repositories.map(({ id, name }) => ({
        name,
        search: `?repository=${name}${view ? `&view=${view}` : ''}`,
        current: id === chosen.id,
      }))}
    />
  );
}
