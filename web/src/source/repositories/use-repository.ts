import { useQuery } from '@apollo/client/react';
import { useParams } from 'react-router';
import { useLive } from '../../api/use-live.ts';
import { RepositoryChangedDocument, RepositoryPageDocument, type RepositorySettingsFragment } from '../../generated/graphql.ts';

export type PageRepository = RepositorySettingsFragment;
/** What the parts of an external repository's page are given. */
export type ExternalProps = { project: string; repository: PageRepository; connection: NonNullable<PageRepository['connection']> };

/** The repository that the address names, kept up to date. `repository` is null where there is none, undefined while it is read. */
export function usePageRepository() {
  const { project = '', repository: name = '' } = useParams();
  const { data, error, refetch } = useQuery(RepositoryPageDocument, { variables: { project } });
  const repository = data && (data.project?.repositories.find((each) => each.name === name) ?? null);
  useLive(RepositoryChangedDocument, repository ? { id: repository.id } : null);
  return { project, name, repository, error: repository ? undefined : error, retry: () => void refetch() };
}
