import type { ReactNode } from 'react';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Page } from '../../ui/Page.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import type { PageRepository, usePageRepository } from './use-repository.ts';

type Read = ReturnType<typeof usePageRepository>;

/** What every page of a repository shows while there is no repository to show. */
export function RepositoryFrame({ read, children }: { read: Read; children: (repository: PageRepository) => ReactNode }) {
  if (read.repository) return children(read.repository);
  if (read.error) return <ErrorPanel title="This repository can’t be shown" message={read.error} onRetry={read.retry} />;
  if (read.repository === null)
    return (
      <ErrorPanel
        title={`There is no repository “${read.name}” in ${read.project}`}
        message="Check the name. Those that there are stand in the project’s settings."
      />
    );
  return (
    <Page title={read.name}>
      <RowsSkeleton rows={8} label="Loading the repository" />
    </Page>
  );
}
