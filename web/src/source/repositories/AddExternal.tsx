import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { useAction } from '../../api/use-action.ts';
import { addressOf } from '../../domain/addresses.ts';
import { AddRepositoryDocument, CheckRemoteDocument, type CheckRemoteMutation } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { Elapsed } from '../../ui/Time.tsx';
import { AddressField, HostFields, SignInFields } from './ConnectionFields.tsx';
import { type ConnectionForm, connectionOf, EMPTY_FORM, isComplete } from './connection-form.ts';
import { RemoteFound } from './RemoteFound.tsx';
import css from './repositories.module.css';
import { hostnameOf, suggestedName } from './repository-address.ts';
import { useListRepository } from './use-list-repository.ts';

/** Asks the host first and shows its answer before anything is stored. */
export function AddExternal({ project }: { project: string }) {
  const [form, setForm] = useState(EMPTY_FORM);
  const [typedName, setTypedName] = useState<string | null>(null);
  const { check, checkedAt, found, error: notFound } = useCheck(project, form);
  const { run, busy, error } = useAction(AddRepositoryDocument);
  const navigate = useNavigate();
  const list = useListRepository(project);
  const name = typedName ?? suggestedName(form.url);
  const change = (part: Partial<ConnectionForm>) => setForm((present) => ({ ...present, ...part }));

  const add = async () => {
    const result = await run({ project, name: name.trim(), connection: connectionOf(form) });
    if (!result) return;
    list(result.addRepository);
    navigate(addressOf.repositorySettings(project, result.addRepository.name));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void (found ? add() : check());
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <AddressField form={form} onChange={change} />
      <SignInFields form={form} onChange={change} />
      <details className={css.more}>
        <summary>What the host runs, and where its API is</summary>
        <div className={css.form}>
          <HostFields form={form} onChange={change} guessed />
        </div>
      </details>
      <div role="status">
        {checkedAt ? (
          <p className="muted">
            Asking {hostnameOf(form.url) || 'the host'}… <Elapsed from={checkedAt} to={null} />
          </p>
        ) : null}
        {found ? <RemoteFound remote={found} /> : null}
      </div>
      <ErrorNote message={notFound} />
      {found ? (
        <TextInput
          label="Name"
          description="Lower-case letters, digits and hyphens; it is part of addresses."
          value={name}
          onChange={(event) => setTypedName(event.currentTarget.value)}
        />
      ) : null}
      <ErrorNote message={error} />
      <div>
        {found ? (
          <Button type="submit" loading={busy} disabled={name.trim() === ''}>
            Add repository
          </Button>
        ) : (
          <Button type="submit" loading={checkedAt !== null} disabled={!isComplete(form)}>
            Check
          </Button>
        )}
      </div>
    </form>
  );
}

/** The answer of the host counts only for what was asked: it is forgotten when a field changes. */
function useCheck(project: string, form: ConnectionForm) {
  const connection = connectionOf(form);
  const asked = JSON.stringify(connection);
  const [answer, setAnswer] = useState<{ to: string; found: CheckRemoteMutation['checkRemote'] | null } | null>(null);
  const [pending, setPending] = useState<{ to: string; at: string } | null>(null);
  const { run, error } = useAction(CheckRemoteDocument);
  const check = async () => {
    setPending({ to: asked, at: new Date().toISOString() });
    const result = await run({ project, connection });
    setAnswer({ to: asked, found: result?.checkRemote ?? null });
    setPending((present) => (present?.to === asked ? null : present));
  };
  const answered = answer?.to === asked ? answer : null;
  return {
    check,
    checkedAt: pending?.to === asked ? pending.at : null,
    found: answered?.found ?? null,
    error: answered && !answered.found ? error : null,
  };
}
