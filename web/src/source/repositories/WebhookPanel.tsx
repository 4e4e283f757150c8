import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { useAnnounceChange } from '../../ui/announce.ts';
import { CopyField } from '../../ui/CopyField.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { Time } from '../../ui/Time.tsx';
import { KNOWN_HOSTS, WEBHOOK_HELP } from './host-words.ts';
import css from './repositories.module.css';
import { SecretField } from './SecretField.tsx';
import { SigningToken } from './SigningToken.tsx';
import type { ExternalProps } from './use-repository.ts';

/** The address and secret to enter at the host, and whether it has called. */
export function WebhookPanel({ project, repository, connection }: ExternalProps) {
  const { lastDeliveryAt, webhookSecret } = connection;
  useAnnounceChange(lastDeliveryAt ? `A delivery arrived at ${lastDeliveryAt}` : 'No deliveries yet');
  const help = WEBHOOK_HELP[repository.host ?? 'OTHER'];
  return (
    <Panel
      title="Webhook"
      actions={
        <Button component={Link} to={addressOf.deliveries(project, repository.name)} variant="default">
          Deliveries
        </Button>
      }
    >
      <div className={css.stack}>
        <DeliveryLine at={lastDeliveryAt ?? null} />
        {help ? null : (
          <p className="muted">
            Slipway knows no webhooks of such a host, so it polls it instead. If it runs {KNOWN_HOSTS}, say so in the connection.
          </p>
        )}
        <Labelled name="Address">
          <CopyField value={webhookUrl(repository.cloneUrl, connection.webhookPath)} label="webhook address" />
        </Labelled>
        {webhookSecret ? (
          <>
            <Labelled name="Secret">
              <SecretField value={webhookSecret} label="webhook secret" />
            </Labelled>
            {help?.takesSigningToken ? <SigningToken secret={webhookSecret} /> : null}
          </>
        ) : (
          <p className="muted">The secret is shown to admins of the project.</p>
        )}
        {help ? (
          <div className={css.help}>
            <p>
              <strong>{help.where}</strong>
            </p>
            <p>{help.enter}</p>
            <p>Events: {help.events}.</p>
          </div>
        ) : null}
        <Reach url={webhookUrl(repository.cloneUrl, connection.webhookPath)} />
      </div>
    </Panel>
  );
}

/** On the server that serves the clone address. */
const webhookUrl = (cloneUrl: string, path: string): string => new URL(path, cloneUrl).href;

function DeliveryLine({ at }: { at: string | null }) {
  if (!at)
    return <StateBadge look={{ shape: 'hourglass', tone: 'neutral', word: 'No deliveries yet' }} detail="· waiting for the first one" />;
  return (
    <span className={css.line}>
      <StateBadge look={{ shape: 'tick', tone: 'positive', word: 'The last delivery arrived' }} /> <Time at={at} />
    </span>
  );
}

function Labelled({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <span className={css.label}>{name}</span>
      {children}
    </div>
  );
}

const NEAR = /^(localhost|127\.|\[::1\])/;

/** A host elsewhere can't call this machine by these names. */
function Reach({ url }: { url: string }) {
  const { hostname } = new URL(url);
  return NEAR.test(hostname) ? (
    <p className="muted">
      The host must be able to reach the address; “{hostname}” is this machine alone. Until it can, the host is asked for news now and then.
    </p>
  ) : null;
}
