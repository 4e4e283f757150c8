import { useQuery } from '@apollo/client/react';
import type { ReactNode } from 'react';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { addressOf } from '../../domain/addresses.ts';
import { ProjectFrameDocument } from '../../generated/graphql.ts';
import { NothingHere } from '../../ui/NotFound.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import type { FrameRepository } from '../repositories/chosen-repository.tsx';

type Props = { project: string; repository: string; children: (repository: FrameRepository) => ReactNode };

/** For pages whose address names a repository: finds it, or says that it is not there. */
export function RepositoryShell({ project, repository: name, children }: Props) {
  const { data, error, refetch } = useQuery(ProjectFrameDocument, { variables: { name: project } });
  const repository = data?.project?.repositories.find((each) => each.name === name);
  if (repository) return children(repository);
  if (error) return <ReadFailed title="The repository can’t be read" error={error} onRetry={() => void refetch()} />;
  if (!data) return <RowsSkeleton rows={8} label="Loading the repository" />;
  return (
    <NothingHere
      title={`There is no repository “${name}” in ${project}`}
      way={{ to: `${addressOf.project(project)}/settings`, name: `Repositories of ${project}` }}
    >
      Check the address; the repository may have been deleted.
    </NothingHere>
  );
}
