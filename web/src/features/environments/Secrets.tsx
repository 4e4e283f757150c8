import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useApi } from '../../api/api.ts';
import { useAction } from '../../api/use-action.ts';
import { DeleteSecretDocument, SetSecretDocument } from '../../generated/graphql.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { Panel } from '../../ui/Panel.tsx';
import rows from '../../ui/rows.module.css';
import { Time } from '../../ui/Time.tsx';
import type { PageEnvironment } from './EnvironmentPage.tsx';
import css from './environments.module.css';

type Secret = PageEnvironment['secrets'][number];

/** Write-only: a value can be set and replaced, never read. */
export function Secrets({ environment }: { environment: PageEnvironment }) {
  const { cache } = useApi().apollo;
  const show = (change: (secrets: readonly Secret[]) => Secret[]) =>
    cache.modify({
      id: cache.identify({ __typename: 'Environment', id: environment.id }),
      fields: { secrets: (present: readonly unknown[]) => change(present as readonly Secret[]) },
    });
  return (
    <Panel title="Secrets" flush>
      {environment.secrets.length === 0 ? (
        <p className={css.note}>None yet. A secret is encrypted, masked in logs, and can’t be read again here.</p>
      ) : null}
      <div className={`${rows.list} ${css.pairs}`}>
        {environment.secrets.map((secret) => (
          <SecretRow
            key={secret.name}
            environment={environment}
            secret={secret}
            onGone={() => show((present) => present.filter((each) => each.name !== secret.name))}
          />
        ))}
      </div>
      <SetSecret
        environment={environment}
        onSet={(secret) => show((present) => [...present.filter((each) => each.name !== secret.name), secret])}
      />
    </Panel>
  );
}

function SecretRow({ environment, secret, onGone }: { environment: PageEnvironment; secret: Secret; onGone: () => void }) {
  const [asking, setAsking] = useState(false);
  const { run, busy, error } = useAction(DeleteSecretDocument);
  const remove = async () => {
    if (await run({ project: environment.project.name, environmentId: environment.id, name: secret.name })) onGone();
  };
  return (
    <div className={rows.row}>
      <code className={rows.clip}>{secret.name}</code>
      <span className="muted">
        version {secret.version}, <Time at={secret.createdAt} />
      </span>
      <span className={rows.right}>
        <Button size="compact-xs" variant="default" aria-label={`Delete ${secret.name}`} onClick={() => setAsking(true)}>
          Delete
        </Button>
      </span>
      {asking ? (
        <ConfirmDialog
          title="Delete a secret"
          name={secret.name}
          action="Delete secret"
          busy={busy}
          error={error}
          onConfirm={() => void remove()}
          onClose={() => setAsking(false)}
        >
          Deployments from now on get no <strong>{secret.name}</strong>. Its value can’t be brought back.
        </ConfirmDialog>
      ) : null}
    </div>
  );
}

function SetSecret({ environment, onSet }: { environment: PageEnvironment; onSet: (secret: Secret) => void }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const { run, busy, error } = useAction(SetSecretDocument);
  const set = async (event: FormEvent) => {
    event.preventDefault();
    const result = await run({ project: environment.project.name, environmentId: environment.id, name: name.trim(), value });
    if (!result) return;
    onSet(result.setSecret);
    setName('');
    setValue('');
  };
  return (
    <>
      <form className={css.pairForm} onSubmit={set}>
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          placeholder="API_KEY"
          autoComplete="off"
        />
        <PasswordInput label="Value" value={value} onChange={(event) => setValue(event.currentTarget.value)} autoComplete="new-password" />
        <Button type="submit" variant="default" loading={busy} disabled={name.trim() === '' || value === ''} style={{ height: 36 }}>
          Set
        </Button>
      </form>
      <ErrorNote message={error} />
    </>
  );
}
