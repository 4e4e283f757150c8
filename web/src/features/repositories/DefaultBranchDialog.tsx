import { useQuery } from '@apollo/client/react';
import { TextInput } from '@mantine/core';
import { useDeferredValue, useId, useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { BranchNamesDocument, SetDefaultBranchDocument } from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
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
  const listId = useId();
  const names = useBranchNames(project, repository.id, useDeferredValue(name));
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
      <TextInput
        label="Branch"
        description={`Now it is ${repository.defaultBranch}.`}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        list={listId}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <datalist id={listId}>
        {names.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </FormDialog>
  );
}

/** The first branches with this in their names: a help for typing, so that a failure to read them needs no words. */
function useBranchNames(project: string, repositoryId: string, search: string): string[] {
  const { data, previousData } = useQuery(BranchNamesDocument, { variables: { project, search: search.trim() }, fetchPolicy: 'no-cache' });
  const repository = (data ?? previousData)?.project?.repositories.find((each) => each.id === repositoryId);
  return repository?.foundBranches.edges.map((edge) => edge.node.name) ?? [];
}
