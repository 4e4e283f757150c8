import { Button } from '@mantine/core';
import { useState } from 'react';
import { CopyField } from '../../ui/CopyField.tsx';
import { formatSpan } from '../../ui/format.ts';
import { Fact, Facts, Panel } from '../../ui/Panel.tsx';
import { Time } from '../../ui/Time.tsx';
import { ChangeConnectionDialog } from './ChangeConnectionDialog.tsx';
import { CREDENTIAL_NAME, HOST_NAME } from './host-words.ts';
import css from './repositories.module.css';
import { waitsForKey } from './stale.ts';
import type { ExternalProps } from './use-repository.ts';

export function ConnectionPanel({ project, repository, connection }: ExternalProps) {
  const [changing, setChanging] = useState(false);
  const { username, credentialKind, pollEverySeconds } = connection;
  return (
    <Panel
      title="Connection"
      actions={
        <Button variant="default" onClick={() => setChanging(true)}>
          Change
        </Button>
      }
    >
      <div className={css.stack}>
        <div>
          <span className={css.label}>Address</span>
          <span className={css.wrap}>{repository.url}</span>
        </div>
        <Facts>
          <Fact name="Host">{repository.host ? HOST_NAME[repository.host] : null}</Fact>
          <Fact name="Authentication">
            {CREDENTIAL_NAME[credentialKind]}
            {username ? `, as ${username}` : ''}
          </Fact>
          <Fact name="API">{connection.apiUrl ?? 'none: no commit statuses, pull requests by webhook alone'}</Fact>
          <Fact name="Default branch">{repository.defaultBranch ?? 'not known yet'}</Fact>
          <Fact name="Polled">{pollingWords(pollEverySeconds ?? null)}</Fact>
          <Fact name="Last fetched">{connection.fetchedAt ? <Time at={connection.fetchedAt} /> : 'not yet'}</Fact>
        </Facts>
        {connection.leftOut ? <p className="muted">{connection.leftOut}</p> : null}
        {connection.publicKey && !waitsForKey(connection) ? (
          <div>
            <span className={css.label}>Public key</span>
            <CopyField value={connection.publicKey} label="public key" />
          </div>
        ) : null}
        {connection.hostKeyFingerprints.length > 0 ? (
          <div>
            <span className={css.label}>Pinned host keys</span>
            {connection.hostKeyFingerprints.map((fingerprint) => (
              <code key={fingerprint} className={css.long}>
                {fingerprint}
              </code>
            ))}
          </div>
        ) : null}
      </div>
      {changing ? (
        <ChangeConnectionDialog project={project} repository={repository} connection={connection} onClose={() => setChanging(false)} />
      ) : null}
    </Panel>
  );
}

/** With webhooks, polling is needed less: then once an hour is enough. */
function pollingWords(seconds: number | null): string {
  if (seconds === null) return 'never: by webhook and by hand alone';
  return `every ${formatSpan(seconds * 1000)}, hourly while webhooks arrive`;
}
