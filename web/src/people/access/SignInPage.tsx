import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useApi } from '../../api/api.ts';
import { sessionKey } from '../../api/session-key.ts';
import { useAction } from '../../api/use-action.ts';
import { SignInDocument, type SignInMutationVariables, ViewerDocument } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import css from './SignInPage.module.css';

/** By the one-time link in the address, or by e-mail and password. */
export function SignInPage() {
  const [search] = useSearchParams();
  const link = search.get('link');
  const { signIn, busy, error } = useSignIn(safeAddress(search.get('next')));
  const tried = useRef<string | null>(null);

  useEffect(() => {
    document.title = 'Sign in · Slipway';
    if (!link || tried.current === link) return;
    tried.current = link;
    void signIn({ link });
  }, [link, signIn]);

  return (
    <main className={css.page}>
      <div className={css.card}>
        <h1 className={css.title}>
          <svg width="32" height="32" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="var(--accent)" />
            <path d="M6 20.5 19.5 9.5h4L26 20.5z" fill="var(--on-accent)" />
            <path d="M5 25h22" stroke="var(--on-accent)" strokeWidth="2.5" strokeLinecap="round" />
          </svg>
          Sign in to Slipway
        </h1>
        {link && !error ? <p role="status">Signing in with the link…</p> : <PasswordForm busy={busy} onSubmit={signIn} />}
        <ErrorNote message={error} />
        <p className={css.hint}>
          First time here? Slipway prints a sign-in link in the terminal when it starts (<code>npm start</code>). It works once, within 15
          minutes; while Slipway runs, <code>npm run sign-in-link</code> in its folder prints a new one. Open it, then set a password under
          Account.
        </p>
      </div>
    </main>
  );
}

function PasswordForm({ busy, onSubmit }: { busy: boolean; onSubmit: (variables: SignInMutationVariables) => Promise<void> }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void onSubmit({ email, password });
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <TextInput
        label="E-mail"
        type="email"
        required
        autoComplete="username"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        required
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" size="sm" fullWidth loading={busy}>
        Sign in
      </Button>
    </form>
  );
}

function useSignIn(next: string) {
  const api = useApi();
  const navigate = useNavigate();
  const { run, busy, error } = useAction(SignInDocument);
  const runNow = useRef(run);
  runNow.current = run;
  const signIn = useRef(async (variables: SignInMutationVariables) => {
    const result = await runNow.current(variables);
    if (result) sessionKey.keep(result.signIn.sessionKey);
    const viewer = result?.signIn.user ?? (variables.link ? await alreadySignedIn(api) : null);
    if (!viewer) return;
    await api.forget();
    api.apollo.writeQuery({ query: ViewerDocument, data: { viewer } });
    navigate(next, { replace: true });
  });
  return { signIn: signIn.current, busy, error };
}

/** A link works once. If somebody who is already signed in opens it again, the page simply continues. */
async function alreadySignedIn(api: ReturnType<typeof useApi>) {
  const { data } = await api.apollo.query({ query: ViewerDocument, fetchPolicy: 'network-only' });
  return data?.viewer ?? null;
}

/** Only a path of this page: a link must not lead elsewhere after the sign-in. */
function safeAddress(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/projects';
}
