import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { UpdateEnvironmentDocument } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { Panel } from '../../ui/Panel.tsx';
import pairs from '../../ui/pairs.module.css';
import rows from '../../ui/rows.module.css';
import type { PageEnvironment } from './EnvironmentPage.tsx';

/** Given to the application at its next start; a rollback brings back those of its time. */
export function Variables({ environment }: { environment: PageEnvironment }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const { run, busy, error } = useAction(UpdateEnvironmentDocument);
  const present = environment.variables.map((each) => ({ name: each.name, value: each.value }));
  const without = (gone: string) => present.filter((each) => each.name !== gone);

  const set = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await run({ id: environment.id, variables: [...without(name.trim()), { name: name.trim(), value }] }))) return;
    setName('');
    setValue('');
  };
  return (
    <Panel title="Variables" flush>
      {present.length === 0 ? (
        <p className={pairs.note}>None yet. A variable is part of the application’s environment, and anyone in the project may read it.</p>
      ) : null}
      <div className={`${rows.list} ${pairs.pairs}`}>
        {present.map((variable) => (
          <div key={variable.name} className={rows.row}>
            <code className={rows.clip}>{variable.name}</code>
            <code className={`${rows.clip} muted`} title={variable.value}>
              {variable.value}
            </code>
            <span className={rows.right}>
              <Button
                size="compact-xs"
                variant="default"
                aria-label={`Remove ${variable.name}`}
                disabled={busy}
                onClick={() => void run({ id: environment.id, variables: without(variable.name) })}
              >
                Remove
              </Button>
            </span>
          </div>
        ))}
      </div>
      <form className={pairs.form} onSubmit={set}>
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          placeholder="LOG_LEVEL"
          autoComplete="off"
        />
        <TextInput label="Value" value={value} onChange={(event) => setValue(event.currentTarget.value)} autoComplete="off" />
        <Button type="submit" variant="default" loading={busy} disabled={name.trim() === ''} style={{ height: 36 }}>
          Set
        </Button>
      </form>
      <ErrorNote message={error} />
    </Panel>
  );
}
