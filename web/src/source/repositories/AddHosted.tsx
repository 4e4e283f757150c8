import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { useAction } from '../../api/use-action.ts';
import { addressOf } from '../../domain/addresses.ts';
import { CreateRepositoryDocument } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import css from './repositories.module.css';
import { useListRepository } from './use-list-repository.ts';

export function AddHosted({ project }: { project: string }) {
  const [name, setName] = useState('');
  const navigate = useNavigate();
  const list = useListRepository(project);
  const { run, busy, error } = useAction(CreateRepositoryDocument);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    const result = await run({ project, name: name.trim() });
    if (!result) return;
    list(result.createRepository);
    navigate(addressOf.repositorySettings(project, result.createRepository.name));
  };
  return (
    <form className={css.form} onSubmit={create}>
      <TextInput
        label="Name"
        description="Lower-case letters, digits and hyphens; it is part of the clone address."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <ErrorNote message={error} />
      <div>
        <Button type="submit" loading={busy} disabled={name.trim() === ''}>
          Create repository
        </Button>
      </div>
    </form>
  );
}
