import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { UpdateEnvironmentDocument } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { Panel } from '../../ui/Panel.tsx';
import pairs from '../../ui/pairs.module.css';
import rows from '../../ui/rows.module.css';
import type { PageEnvironment } from './page-environment.ts';

type Variable = { name: string; value: string };
/** What the last change did; `removed` can be put back. */
type Change = { sentence: string; removed: Variable | null };

/** Each deployment takes along what is set then; a rollback brings back the variables of its time. */
export function Variables({ environment }: { environment: PageEnvironment }) {
  const [change, setChange] = useState<Change | null>(null);
  const { run, busy, error } = useAction(UpdateEnvironmentDocument);
  const present: Variable[] = environment.variables.map(({ name, value }) => ({ name, value }));
  const without = (gone: string) => present.filter((each) => each.name !== gone);
  const save = async (variables: Variable[], done: Change) => {
    const saved = Boolean(await run({ id: environment.id, variables }));
    if (saved) setChange(done);
    return saved;
  };
  const set = (variable: Variable) => save([...without(variable.name), variable], { sentence: `${variable.name} is set.`, removed: null });
  const remove = (variable: Variable) => save(without(variable.name), { sentence: `${variable.name} is removed.`, removed: variable });
  return (
    <Panel title="Variables" flush>
      <p className={pairs.note}>
        {present.length === 0 ? 'None yet. ' : ''}Anyone in the project can read them. A change reaches the application with the next
        deployment.
      </p>
      <div className={`${rows.list} ${pairs.pairs}`}>
        {present.map((variable) => (
          <div key={variable.name} className={rows.row}>
            <code className={rows.clip} title={variable.name}>
              {variable.name}
            </code>
            <code className={`${rows.clip} muted`} title={variable.value}>
              {variable.value}
            </code>
            <span className={rows.right}>
              <Button
                size="compact-xs"
                variant="default"
                color="red"
                aria-label={`Remove ${variable.name}`}
                disabled={busy}
                onClick={() => void remove(variable)}
              >
                Remove
              </Button>
            </span>
          </div>
        ))}
      </div>
      <p className={pairs.done} role="status">
        {change ? <span>{withWhen(change.sentence, environment)}</span> : null}
        {change?.removed ? (
          <Button size="compact-xs" variant="default" disabled={busy} onClick={() => change.removed && void set(change.removed)}>
            Undo
          </Button>
        ) : null}
      </p>
      <SetVariable busy={busy} onSet={set} />
      <ErrorNote message={error} />
    </Panel>
  );
}

/** What runs goes on with what it was started with. */
function withWhen(sentence: string, { release }: PageEnvironment): string {
  return release ? `${sentence} What runs now keeps what it was deployed with.` : sentence;
}

function SetVariable({ busy, onSet }: { busy: boolean; onSet: (variable: Variable) => Promise<boolean> }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await onSet({ name: name.trim(), value }))) return;
    setName('');
    setValue('');
  };
  return (
    <form className={pairs.form} onSubmit={submit}>
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
  );
}
