import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/api.ts';
import { errorMessage } from '../../api/errors.ts';
import { addressOf } from '../../domain/addresses.ts';
import { CreateProjectDocument, CreateRepositoryDocument, type RepositoryKind } from '../../generated/graphql.ts';
import { KindChoice } from '../../source/repositories/KindChoice.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';

/** A project with its first repository: what one needs before the first push. One at a code host is asked for next. Rendered only while open. */
export function CreateProjectDialog({ onClose }: { onClose: () => void }) {
  const { apollo } = useApi();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<RepositoryKind>('HOSTED');
  const [repository, setRepository] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const create = async () => {
    setBusy(true);
    setError(null);
    try {
      const { data } = await apollo.mutate({ mutation: CreateProjectDocument, variables: { name: name.trim() } });
      const project = data?.createProject;
      if (!project) return;
      if (kind === 'EXTERNAL') return navigate(addressOf.addRepository(project.name, kind));
      await apollo.mutate({
        mutation: CreateRepositoryDocument,
        variables: { project: project.name, name: repository.trim() || project.name },
      });
      navigate(`${addressOf.project(project.name)}`);
    } catch (caught) {
      setError(errorMessage(caught));
    } finally {
      setBusy(false);
    }
  };

  return (
    <FormDialog
      title="New project"
      action="Create project"
      busy={busy}
      disabled={name.trim() === ''}
      error={error}
      onSubmit={() => void create()}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="Lower-case letters, digits and hyphens; it is part of addresses."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <KindChoice legend="First repository" chosen={kind} onChoose={setKind} />
      {kind === 'HOSTED' ? (
        <TextInput
          label="Name of the repository"
          placeholder={name.trim() || 'the project’s name'}
          value={repository}
          onChange={(event) => setRepository(event.currentTarget.value)}
        />
      ) : null}
    </FormDialog>
  );
}
