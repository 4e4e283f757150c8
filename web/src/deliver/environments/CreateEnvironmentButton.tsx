import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useAction } from '../../api/use-action.ts';
import { addressOf } from '../../domain/addresses.ts';
import { CreateEnvironmentDocument } from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { LimitFields, type LimitTexts, limitsOf, NO_LIMITS } from './LimitFields.tsx';

export function CreateEnvironmentButton({ project }: { project: string }) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [limits, setLimits] = useState<LimitTexts>(NO_LIMITS);
  const navigate = useNavigate();
  const { run, busy, error } = useAction(CreateEnvironmentDocument);
  const create = async () => {
    const result = await run({ project, name: name.trim(), limits: limitsOf(limits) });
    if (result) navigate(addressOf.environment(project, result.createEnvironment.name));
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>New environment</Button>
      {open ? (
        <FormDialog
          title="New environment"
          action="Create environment"
          busy={busy}
          disabled={name.trim() === ''}
          error={error}
          onSubmit={() => void create()}
          onClose={() => setOpen(false)}
        >
          <TextInput
            label="Name"
            description="Lower-case letters, digits and hyphens: development, staging, production…"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <LimitFields value={limits} onChange={setLimits} />
        </FormDialog>
      ) : null}
    </>
  );
}
