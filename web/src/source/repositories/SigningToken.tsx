import { useEffect, useState } from 'react';
import { CopyField } from '../../ui/CopyField.tsx';
import css from './repositories.module.css';
import { SecretField } from './SecretField.tsx';
import { signingTokenOf } from './signing-token.ts';

/** GitLab takes a signing token of its own form; it follows from the secret. */
export function SigningToken({ secret }: { secret: string }) {
  const [token, setToken] = useState<string | null>(null);
  useEffect(() => {
    let stopped = false;
    void signingTokenOf(secret).then((made) => {
      if (!stopped) setToken(made);
    });
    return () => {
      stopped = true;
    };
  }, [secret]);
  return (
    <div>
      <span className={css.label}>Signing token</span>
      {token ? <SecretField value={token} label="signing token" /> : <CopyField value={COMMAND} label="command for the signing token" />}
    </div>
  );
}

/** Over plain http the browser lends no hash; then it is made in a terminal. */
const COMMAND = `printf 'whsec_%s\\n' "$(printf %s "$SECRET" | openssl dgst -sha256 -binary | base64)"`;
