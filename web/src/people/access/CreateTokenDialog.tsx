import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../api/api.ts';
import { useAction } from '../../api/use-action.ts';
import { CreateTokenDocument, MyTokensDocument } from '../../generated/graphql.ts';
import { CopyField } from '../../ui/CopyField.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import css from './access.module.css';

const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '', label: 'Until it is revoked' },
];

/** Makes a token and shows its secret, once. Rendered only while open. `suggestedName` says what it will be used for. */
export function CreateTokenDialog({ suggestedName, onClose }: { suggestedName: string; onClose: () => void }) {
  const [name, setName] = useState(suggestedName);
  const [days, setDays] = useState('90');
  const [secret, setSecret] = useState<string | null>(null);
  const { run, busy, error } = useAction(CreateTokenDocument);
  const { cache } = useApi().apollo;

  if (secret !== null) return <TokenSecret name={name} secret={secret} onClose={onClose} />;
  const create = async () => {
    const result = await run({ name: name.trim(), expiresInDays: days === '' ? null : Number(days) });
    if (!result) return;
    const { token } = result.createToken;
    cache.updateQuery({ query: MyTokensDocument }, (data) => data && { myTokens: [token, ...data.myTokens] });
    setSecret(result.createToken.secret);
  };
  return (
    <FormDialog
      title="New token"
      action="Create token"
      busy={busy}
      disabled={name.trim() === ''}
      error={error}
      onSubmit={() => void create()}
      onClose={onClose}
    >
      <p className="muted">A token acts for you: as the password of git, and as the bearer of API calls.</p>
      <TextInput
        label="Name"
        description="What it is for, so that you know which one to revoke."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <NativeSelect label="Works for" data={LIFETIMES} value={days} onChange={(event) => setDays(event.currentTarget.value)} />
    </FormDialog>
  );
}

function TokenSecret({ name, secret, onClose }: { name: string; secret: string; onClose: () => void }) {
  return (
    <Dialog onClose={onClose} title={`Token “${name}”`} closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
      <div className={css.stack}>
        <p>
          Copy it now: <strong>it is shown this once</strong> and can’t be read again.
        </p>
        <CopyField value={secret} label="token" />
        <p className="muted">
          When git asks, any user name will do and the token is the password. For the API, send it as <code>Authorization: Bearer …</code>.
        </p>
        <div className={css.buttons}>
          <Button onClick={onClose}>I have copied it</Button>
        </div>
      </div>
    </Dialog>
  );
}
