import type { ReactNode } from 'react';
import { PageReadFailed } from '../../api/ReadFailed.tsx';
import { addressOf } from '../../domain/addresses.ts';
import { NotFound } from '../../ui/NotFound.tsx';
import { Page } from '../../ui/Page.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import type { PageRepository, usePageRepository } from './use-repository.ts';

type Read = ReturnType<typeof usePageRepository>;

/** What every page of a repository shows while there is no repository to show. */
export function RepositoryFrame({ read, children }: { read: Read; children: (repository: PageRepository) => ReactNode }) {
  if (read.repository) return children(read.repository);
  const wayOut = { to: `${addressOf.project(read.project)}/settings`, name: `Repositories of ${read.project}` };
  if (read.error) return <PageReadFailed title="This repository can’t be shown" error={read.error} onRetry={read.retry} way={wayOut} />;
  if (read.repository === null)
    return (
      <NotFound title={`There is no repository “${read.name}” in ${read.project}`} way={wayOut}>
        Check the name; it may have been deleted.
      </NotFound>
    );
  return (
    <Page title={read.name}>
      <RowsSkeleton rows={8} label="Loading the repository" />
    </Page>
  );
}
