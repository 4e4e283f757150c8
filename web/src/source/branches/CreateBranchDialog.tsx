import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useAction } from '../../api/use-action.ts';
import { CreateBranchDocument } from '../../generated/graphql.ts';
import { announce } from '../../ui/announce.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import type { FrameRepository } from '../repositories/chosen-repository.tsx';
import { RefField } from './RefField.tsx';

type Props = { project: string; repository: FrameRepository; onDone: () => void; onClose: () => void };

/** From a branch, a tag or a commit; the list then shows the new one. */
export function CreateBranchDialog({ project, repository, onDone, onClose }: Props) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [from, setFrom] = useState(repository.defaultBranch ?? '');
  const { run, busy, error } = useAction(CreateBranchDocument);
  const create = async () => {
    if (!(await run({ repositoryId: repository.id, name: name.trim(), from: from.trim() || null }))) return;
    announce(`Branch ${name.trim()} created`);
    onDone();
    navigate({ search: `?repository=${repository.name}&q=${encodeURIComponent(name.trim())}` });
    onClose();
  };
  return (
    <FormDialog
      title="New branch"
      action="Create branch"
      busy={busy}
      disabled={name.trim() === ''}
      error={error}
      onSubmit={() => void create()}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description={`Such as feature/cart. Its pipeline starts as if it had been pushed${repository.kind === 'EXTERNAL' ? '; it is made at the host first' : ''}.`}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
        data-autofocus
      />
      <RefField
        label="From"
        description="A branch, a tag or a commit."
        at={{ project, repository: repository.name }}
        value={from}
        onChange={setFrom}
      />
    </FormDialog>
  );
}
