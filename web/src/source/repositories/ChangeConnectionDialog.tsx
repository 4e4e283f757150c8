import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { ChangeRepositoryConnectionDocument } from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { formatSpan } from '../../ui/format.ts';
import { AddressField, HostFields, SignInFields } from './ConnectionFields.tsx';
import { type ConnectionForm, credentialOf, EMPTY_FORM } from './connection-form.ts';
import type { ExternalProps } from './use-repository.ts';

const POLLING_SECONDS = [60, 300, 900, 3600, 21_600];

/** The host is asked with the new values first, and what does not work is not stored. Rendered only while open. */
export function ChangeConnectionDialog({ repository, connection, onClose }: ExternalProps & { onClose: () => void }) {
  const [form, setForm] = useState<ConnectionForm>(() => ({
    ...EMPTY_FORM,
    url: repository.url ?? '',
    host: repository.host ?? 'OTHER',
    apiUrl: connection.apiUrl ?? '',
    username: connection.username ?? '',
  }));
  const [keep, setKeep] = useState(true);
  const [every, setEvery] = useState(connection.pollEverySeconds ?? 0);
  const { run, busy, error } = useAction(ChangeRepositoryConnectionDocument);
  const save = async () => {
    const change = changeOf(form, { repository, connection, keep, every });
    if (await run({ id: repository.id, change })) onClose();
  };
  return (
    <FormDialog
      title={`Connection of ${repository.name}`}
      action="Save"
      busy={busy}
      disabled={form.url.trim() === ''}
      error={error}
      onSubmit={() => void save()}
      onClose={onClose}
    >
      <AddressField form={form} onChange={(part) => setForm({ ...form, ...part })} />
      <SignInFields form={form} onChange={(part) => setForm({ ...form, ...part })} kept={{ chosen: keep, onKeep: setKeep }} />
      <HostFields form={form} onChange={(part) => setForm({ ...form, ...part })} />
      <NativeSelect
        label="Fetched"
        data={pollingChoices(connection.pollEverySeconds ?? 0)}
        value={String(every)}
        onChange={(event) => setEvery(Number(event.currentTarget.value))}
      />
    </FormDialog>
  );
}

type Now = Pick<ExternalProps, 'repository' | 'connection'> & { keep: boolean; every: number };

/** Only what has changed: what is left out stays, and an address that is sent is tried at the host. */
function changeOf(form: ConnectionForm, { repository, connection, keep, every }: Now) {
  const [url, apiUrl] = [form.url.trim(), form.apiUrl.trim()];
  return {
    ...(url === repository.url ? {} : { url }),
    ...(keep ? {} : { credential: credentialOf(form) }),
    ...(form.host === '' || form.host === repository.host ? {} : { host: form.host }),
    ...(apiUrl === (connection.apiUrl ?? '') ? {} : { apiUrl }),
    ...(every === (connection.pollEverySeconds ?? 0) ? {} : { pollEverySeconds: every }),
  };
}

/** The usual ones, and the one that is set. */
function pollingChoices(present: number) {
  const seconds = [...new Set([...POLLING_SECONDS, ...(present > 0 ? [present] : [])])].sort((a, b) => a - b);
  return [
    ...seconds.map((each) => ({ value: String(each), label: `Every ${formatSpan(each * 1000)}` })),
    { value: '0', label: 'Never: only by webhook or by hand' },
  ];
}
