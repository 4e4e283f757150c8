import { NativeSelect, PasswordInput, Textarea, TextInput } from '@mantine/core';
import type { CodeHost } from '../../generated/graphql.ts';
import { type ConnectionForm, choicesFor, type SignInChoice, signInOf } from './connection-form.ts';
import { HOST_NAME } from './host-words.ts';

const CHOICE_NAME: Record<SignInChoice, string> = {
  none: 'None: it is public',
  token: 'A token',
  password: 'A user name and password',
  made_key: 'An ssh key that Slipway makes',
  own_key: 'An ssh key of your own',
};

type FieldsProps = { form: ConnectionForm; onChange: (change: Partial<ConnectionForm>) => void };

export function AddressField({ form, onChange }: FieldsProps) {
  return (
    <TextInput
      label="Address"
      description="The clone address that the host shows, https or ssh."
      placeholder="https://github.com/owner/name.git"
      value={form.url}
      onChange={(event) => onChange({ url: event.currentTarget.value })}
      autoComplete="off"
      spellCheck={false}
      data-autofocus
    />
  );
}

/** What the host lets Slipway in with, as the address allows. `kept`: offers to leave the stored one as it is. */
export function SignInFields({
  form,
  onChange,
  kept = null,
}: FieldsProps & { kept?: { chosen: boolean; onKeep: (keep: boolean) => void } | null }) {
  const choice = signInOf(form);
  const choices = choicesFor(form.url).map((value) => ({ value: value as string, label: CHOICE_NAME[value] }));
  const keep = kept?.chosen ?? false;
  return (
    <>
      <NativeSelect
        label="Authentication"
        data={kept ? [{ value: 'keep', label: 'Keep the current one' }, ...choices] : choices}
        value={keep ? 'keep' : choice}
        onChange={({ currentTarget: { value } }) => {
          kept?.onKeep(value === 'keep');
          if (value !== 'keep') onChange({ signIn: value as SignInChoice, secret: '' });
        }}
      />
      {keep ? null : <Credential choice={choice} form={form} onChange={onChange} />}
    </>
  );
}

function Credential({ choice, form, onChange }: FieldsProps & { choice: SignInChoice }) {
  const secret = { value: form.secret, autoComplete: 'off', spellCheck: false } as const;
  if (choice === 'none') return null;
  if (choice === 'made_key') return <p className="muted">Its public half is shown next, for you to add at the host as a deploy key.</p>;
  if (choice === 'own_key')
    return (
      <Textarea
        {...secret}
        label="Private key"
        description="Without a passphrase. Stored encrypted, and never shown again."
        placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
        rows={5}
        onChange={(event) => onChange({ secret: event.currentTarget.value })}
      />
    );
  return (
    <>
      {choice === 'password' ? (
        <TextInput
          label="User name"
          value={form.username}
          onChange={(event) => onChange({ username: event.currentTarget.value })}
          autoComplete="off"
        />
      ) : null}
      <PasswordInput
        {...secret}
        label={choice === 'token' ? 'Token' : 'Password'}
        description="Stored encrypted, and never shown again."
        autoComplete="new-password"
        onChange={(event) => onChange({ secret: event.currentTarget.value })}
      />
    </>
  );
}

/** For hosts whose name does not say what they run. `guessed`: what is left empty is the server's to guess. */
export function HostFields({ form, onChange, guessed = false }: FieldsProps & { guessed?: boolean }) {
  const hosts = Object.entries(HOST_NAME).map(([value, label]) => ({ value, label }));
  return (
    <>
      <NativeSelect
        label="The host runs"
        data={guessed ? [{ value: '', label: 'Guess by its name' }, ...hosts] : hosts}
        value={form.host}
        onChange={(event) => onChange({ host: event.currentTarget.value as CodeHost | '' })}
      />
      <TextInput
        label="API address"
        description={`For pull requests and commit statuses. Left empty: ${guessed ? 'the usual one of such a host' : 'none'}.`}
        placeholder="https://git.example/api/v4"
        value={form.apiUrl}
        onChange={(event) => onChange({ apiUrl: event.currentTarget.value })}
        autoComplete="off"
        spellCheck={false}
      />
    </>
  );
}
