import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useAction } from '../../api/use-action.ts';
import { FetchRepositoryDocument } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import type { PageRepository } from './use-repository.ts';

/** Asks the host at once; how it goes is seen in the mirror's state. */
export function FetchButton({ repository, name = 'Fetch now' }: { repository: PageRepository; name?: string }) {
  const { run, busy, error } = useAction(FetchRepositoryDocument);
  return (
    <>
      <ErrorNote message={error} />
      <Button
        variant="default"
        leftSection={<IconRefresh size={16} />}
        loading={busy || repository.connection?.state === 'FETCHING'}
        onClick={() => void run({ id: repository.id })}
      >
        {name}
      </Button>
    </>
  );
}
