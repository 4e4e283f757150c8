import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useApi } from '../../api/api.ts';
import { useAction } from '../../api/use-action.ts';
import { DeleteSecretDocument, type SecretRowFragment, SetSecretDocument } from '../../generated/graphql.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { Panel } from '../../ui/Panel.tsx';
import pairs from '../../ui/pairs.module.css';
import rows from '../../ui/rows.module.css';
import { Time } from '../../ui/Time.tsx';

/** Whose secrets they are: an environment's own, or those of a whole project. */
export type SecretOwner =
  | { __typename: 'Environment'; id: string; project: { name: string } }
  | { __typename: 'Project'; id: string; name: string };

const scopeOf = (owner: SecretOwner) =>
  owner.__typename === 'Project' ? { project: owner.name } : { project: owner.project.name, environmentId: owner.id };

/** Write-only: a value can be set and replaced, never read. */
export function Secrets({ owner, secrets }: { owner: SecretOwner; secrets: readonly SecretRowFragment[] }) {
  const { cache } = useApi().apollo;
  const show = (change: (secrets: readonly SecretRowFragment[]) => SecretRowFragment[]) =>
    cache.modify({
      id: cache.identify({ __typename: owner.__typename, id: owner.id }),
      fields: { secrets: (present: readonly unknown[]) => change(present as readonly SecretRowFragment[]) },
    });
  return (
    <>
      <p className={pairs.note}>
        {secrets.length === 0 ? 'None yet. ' : ''}Secrets are encrypted, masked in logs, and can’t be read again here.{' '}
        {owner.__typename === 'Project'
          ? 'A change reaches jobs with the next run, and applications with the next deployment.'
          : 'A change reaches the application with the next deployment.'}
      </p>
      <div className={`${rows.list} ${pairs.pairs}`}>
        {secrets.map((secret) => (
          <SecretRow
            key={secret.name}
            owner={owner}
            secret={secret}
            onGone={() => show((present) => present.filter((each) => each.name !== secret.name))}
          />
        ))}
      </div>
      <SetSecret
        owner={owner}
        onSet={(secret) => show((present) => [...present.filter((each) => each.name !== secret.name), secret].sort(byName))}
      />
    </>
  );
}

const byName = (a: SecretRowFragment, b: SecretRowFragment) => (a.name < b.name ? -1 : 1);

export function SecretsPanel({ title, ...secrets }: { title: string; owner: SecretOwner; secrets: readonly SecretRowFragment[] }) {
  return (
    <Panel title={title} flush>
      <Secrets {...secrets} />
    </Panel>
  );
}

function SecretRow({ owner, secret, onGone }: { owner: SecretOwner; secret: SecretRowFragment; onGone: () => void }) {
  const [asking, setAsking] = useState(false);
  const { run, busy, error } = useAction(DeleteSecretDocument);
  const remove = async () => {
    if (await run({ ...scopeOf(owner), name: secret.name })) onGone();
  };
  return (
    <div className={rows.row}>
      <code className={rows.clip}>{secret.name}</code>
      <span className="muted">
        version {secret.version}, <Time at={secret.createdAt} />
      </span>
      <span className={rows.right}>
        <Button size="compact-xs" variant="default" color="red" aria-label={`Delete ${secret.name}`} onClick={() => setAsking(true)}>
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
          {owner.__typename === 'Project' ? 'Jobs and deployments' : 'Deployments'} from now on get no <strong>{secret.name}</strong>. Its
          value can’t be brought back.
        </ConfirmDialog>
      ) : null}
    </div>
  );
}

function SetSecret({ owner, onSet }: { owner: SecretOwner; onSet: (secret: SecretRowFragment) => void }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const { run, busy, error } = useAction(SetSecretDocument);
  const set = async (event: FormEvent) => {
    event.preventDefault();
    const result = await run({ ...scopeOf(owner), name: name.trim(), value });
    if (!result) return;
    onSet(result.setSecret);
    setName('');
    setValue('');
  };
  return (
    <>
      <form className={pairs.form} onSubmit={set}>
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
