import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../api/api.ts';
import { useAction } from '../../api/use-action.ts';
import { CreateRepositoryDocument, ProjectFrameDocument } from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import type { FrameProject } from './ProjectPage.tsx';

export function CreateRepositoryButton({ project }: { project: FrameProject }) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const { cache } = useApi().apollo;
  const { run, busy, error } = useAction(CreateRepositoryDocument);
  const create = async () => {
    const result = await run({ project: project.name, name: name.trim() });
    if (!result) return;
    cache.updateQuery(
      { query: ProjectFrameDocument, variables: { name: project.name } },
      (data) => data?.project && { project: { ...data.project, repositories: [...data.project.repositories, result.createRepository] } },
    );
    setOpen(false);
    setName('');
  };
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        New repository
      </Button>
      {open ? (
        <FormDialog
          title="New repository"
          action="Create repository"
          busy={busy}
          disabled={name.trim() === ''}
          error={error}
          onSubmit={() => void create()}
          onClose={() => setOpen(false)}
        >
          <TextInput
            label="Name"
            description="Lower-case letters, digits and hyphens; it is part of the clone address."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
        </FormDialog>
      ) : null}
    </>
  );
}
