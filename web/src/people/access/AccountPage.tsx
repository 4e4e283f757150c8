import { useQuery } from '@apollo/client/react';
import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useAction } from '../../api/use-action.ts';
import { MyTokensDocument, type MyTokensQuery, SetPasswordDocument, type TokenRowFragment } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import rows from '../../ui/rows.module.css';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { Time } from '../../ui/Time.tsx';
import css from './access.module.css';
import { CreateTokenDialog } from './CreateTokenDialog.tsx';
import { RevokeToken } from './RevokeToken.tsx';
import { useViewer } from './viewer.tsx';

export function AccountPage() {
  const viewer = useViewer();
  const { data, error, refetch } = useQuery(MyTokensDocument);
  return (
    <Page title="Account" facts={<span>{`${viewer.name}, ${viewer.email}${viewer.isAdmin ? ', administrator' : ''}`}</span>}>
      <Tokens data={data} error={error} onRetry={() => void refetch()} />
      {/* Below what is still being read nothing stands that it could push. */}
      {data || error ? <PasswordPanel /> : null}
    </Page>
  );
}

type TokensProps = { data: MyTokensQuery | undefined; error: Error | undefined; onRetry: () => void };

function Tokens({ data, error, onRetry }: TokensProps) {
  const [creating, setCreating] = useState(false);
  const newToken = <Button onClick={() => setCreating(true)}>New token</Button>;
  return (
    <Panel title="Tokens" actions={data && data.myTokens.length > 0 ? newToken : null} flush>
      {creating ? <CreateTokenDialog suggestedName="" onClose={() => setCreating(false)} /> : null}
      {error && !data ? <ReadFailed title="Your tokens can’t be read" error={error} onRetry={onRetry} /> : null}
      {!data && !error ? <RowsSkeleton rows={3} /> : null}
      {data?.myTokens.length === 0 ? (
        <EmptyState title="No tokens yet" action={newToken}>
          A token is your password for git and your key to the API. Make one for each place that needs one.
        </EmptyState>
      ) : null}
      {data && data.myTokens.length > 0 ? (
        <div className={`${rows.list} ${css.tokens}`}>
          <div className={rows.head}>
            <span>Name</span>
            <span>Created</span>
            <span>Last used</span>
            <span>Expires</span>
          </div>
          {data.myTokens.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </div>
      ) : null}
    </Panel>
  );
}

function TokenRow({ token }: { token: TokenRowFragment }) {
  return (
    <div className={rows.row}>
      <strong className={rows.clip} data-wide>
        {token.name}
      </strong>
      <span data-label="Created">
        <Time at={token.createdAt} />
      </span>
      <span className="muted" data-label={token.lastUsedAt ? 'Used' : ''}>
        {token.lastUsedAt ? <Time at={token.lastUsedAt} /> : 'never used'}
      </span>
      <span className="muted" data-label="Expires">
        {token.expiresAt ? new Date(token.expiresAt).toLocaleDateString(undefined, { dateStyle: 'medium' }) : 'never'}
      </span>
      <RevokeToken token={token} />
    </div>
  );
}

function PasswordPanel() {
  const viewer = useViewer();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [done, setDone] = useState(false);
  const { run, busy, error } = useAction(SetPasswordDocument);
  const save = async () => {
    if (!(await run({ current: viewer.hasPassword ? current : null, password }))) return;
    setCurrent('');
    setPassword('');
    setDone(true);
  };
  return (
    <Panel title={viewer.hasPassword ? 'Change the password' : 'Set a password'}>
      <form
        className={css.narrow}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {viewer.hasPassword ? (
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
        ) : (
          <p className="muted">With a password you can sign in without the link from the terminal.</p>
        )}
        <PasswordInput
          label="New password"
          description="10 characters or more."
          autoComplete="new-password"
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
            setDone(false);
          }}
        />
        <ErrorNote message={error} />
        <div>
          <Button type="submit" loading={busy} disabled={password.length < 10 || (viewer.hasPassword && current === '')}>
            Save password
          </Button>{' '}
          <span role="status" className="muted">
            {done ? 'Saved.' : ''}
          </span>
        </div>
      </form>
    </Panel>
  );
}
