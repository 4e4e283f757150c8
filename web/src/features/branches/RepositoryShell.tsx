import { useQuery } from '@apollo/client/react';
import type { ReactNode } from 'react';
import { errorMessage } from '../../api/errors.ts';
import { ProjectFrameDocument } from '../../generated/graphql.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import type { FrameRepository } from '../projects/chosen-repository.tsx';

type Props = { project: string; repository: string; children: (repository: FrameRepository) => ReactNode };

/** For pages whose address names a repository: finds it, or says that it is not there. */
export function RepositoryShell({ project, repository: name, children }: Props) {
  const { data, error, refetch } = useQuery(ProjectFrameDocument, { variables: { name: project } });
  const repository = data?.project?.repositories.find((each) => each.name === name);
  if (repository) return children(repository);
  if (error) return <ErrorPanel title="The repository can’t be read" message={errorMessage(error)} onRetry={() => void refetch()} />;
  if (!data) return <RowsSkeleton rows={8} label="Loading the repository" />;
  return (
    <ErrorPanel
      title={`There is no repository “${name}” in ${project}`}
      message="Check the address. The repositories of a project are under its Settings."
    />
  );
}
