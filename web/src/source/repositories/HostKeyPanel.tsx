import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { AcceptHostKeyDocument } from '../../generated/graphql.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import css from './repositories.module.css';
import { hostnameOf } from './repository-address.ts';
import type { ExternalProps } from './use-repository.ts';

/** An ssh host is not the one that was pinned: both fingerprints side by side, and a way on for whoever has compared them. */
export function HostKeyPanel({ repository, connection, offered }: ExternalProps & { offered: string }) {
  const [asking, setAsking] = useState(false);
  const { run, busy, error } = useAction(AcceptHostKeyDocument);
  const hostname = hostnameOf(repository.url ?? '');
  const accept = async () => {
    if (await run({ id: repository.id, fingerprint: offered })) setAsking(false);
  };
  return (
    <section className={css.trouble} aria-label="Another host key">
      <h2>{hostname} shows another host key</h2>
      <p>
        Somebody may be intercepting the connection to the host, so nothing is fetched. If the host says that it has a new key, compare the
        fingerprints with the ones it publishes, and accept the new one.
      </p>
      <dl className={css.keys}>
        <div>
          <dt>Pinned</dt>
          {connection.hostKeyFingerprints.map((fingerprint) => (
            <dd key={fingerprint}>
              <code>{fingerprint}</code>
            </dd>
          ))}
        </div>
        <div>
          <dt>Shown now</dt>
          <dd>
            <code>{offered}</code>
          </dd>
        </div>
      </dl>
      <div>
        <Button variant="default" onClick={() => setAsking(true)}>
          Accept the new key…
        </Button>
      </div>
      {asking ? (
        <ConfirmDialog
          title="Accept another host key"
          name={hostname}
          action="Accept the key"
          busy={busy}
          error={error}
          onConfirm={() => void accept()}
          onClose={() => setAsking(false)}
        >
          From now on <strong>{hostname}</strong> is trusted by this key, and the pinned one is forgotten:
          <code className={css.long}>{offered}</code>
        </ConfirmDialog>
      ) : null}
    </section>
  );
}
