import { useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { SetDefaultBranchDocument } from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { RefField } from '../branches/RefField.tsx';
import type { PageRepository } from './use-repository.ts';

/** Rendered only while open. */
export function DefaultBranchDialog({
  project,
  repository,
  onClose,
}: {
  project: string;
  repository: PageRepository;
  onClose: () => void;
}) {
  const [name, setName] = useState('');
  const { run, busy, error } = useAction(SetDefaultBranchDocument);
  const save = async () => {
    if (await run({ repositoryId: repository.id, name: name.trim() })) onClose();
  };
  return (
    <FormDialog
      title={`Default branch of ${repository.name}`}
      action="Make it the default"
      busy={busy}
      disabled={name.trim() === '' || name.trim() === repository.defaultBranch}
      error={error}
      onSubmit={() => void save()}
      onClose={onClose}
    >
      <RefField
        label="Branch"
        description={`Currently ${repository.defaultBranch}.`}
        at={{ project, repository: repository.name }}
        value={name}
        onChange={setName}
        autoFocus
      />
    </FormDialog>
  );
}
