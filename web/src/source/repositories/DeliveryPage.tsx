import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { useParams } from 'react-router';
import { PageReadFailed } from '../../api/ReadFailed.tsx';
import { useAction } from '../../api/use-action.ts';
import { addressOf } from '../../domain/addresses.ts';
import { DELIVERY_LOOK } from '../../domain/looks.ts';
import { DeliveryDocument, type DeliveryPageFragment, RedeliverDocument } from '../../generated/graphql.ts';
import { useAnnounceChange } from '../../ui/announce.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { formatBytes } from '../../ui/format.ts';
import { NotFound, type WayOut } from '../../ui/NotFound.tsx';
import { Page } from '../../ui/Page.tsx';
import { Fact, Facts, Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { Time } from '../../ui/Time.tsx';
import { DeliveryBadge } from './DeliveryBadge.tsx';
import { HOST_NAME } from './host-words.ts';
import { RepositoryFrame } from './RepositoryFrame.tsx';
import css from './repositories.module.css';
import { useDeliveryNews } from './use-delivery-news.ts';
import { usePageRepository } from './use-repository.ts';

export function DeliveryPage() {
  const { id = '' } = useParams();
  const read = usePageRepository();
  return (
    <RepositoryFrame read={read}>
      {(repository) => (
        <Delivery
          repositoryId={repository.id}
          id={id}
          wayOut={{ to: addressOf.deliveries(read.project, read.name), name: 'See the deliveries' }}
        />
      )}
    </RepositoryFrame>
  );
}

function Delivery({ repositoryId, id, wayOut }: { repositoryId: string; id: string; wayOut: WayOut }) {
  const { data, error, refetch } = useQuery(DeliveryDocument, { variables: { id } });
  useDeliveryNews(repositoryId, refetch);
  const delivery = data?.webhookDelivery;
  useAnnounceChange(delivery ? `The delivery is ${DELIVERY_LOOK[delivery.state].word.toLowerCase()}` : null);
  if (delivery) return <DeliveryView delivery={delivery} />;
  if (error) return <PageReadFailed title="This delivery can’t be shown" error={error} onRetry={() => void refetch()} way={wayOut} />;
  if (data)
    return (
      <NotFound title="This delivery is no longer kept" way={wayOut}>
        Slipway keeps the last hundred deliveries, for 30 days at most. The host’s own list may go back further.
      </NotFound>
    );
  return (
    <Page title="Delivery">
      <RowsSkeleton rows={8} label="Loading the delivery" />
    </Page>
  );
}

function DeliveryView({ delivery }: { delivery: DeliveryPageFragment }) {
  const { run, busy, error } = useAction(RedeliverDocument);
  const host = Object.entries(HOST_NAME).find(([kind]) => kind === delivery.host)?.[1];
  return (
    <Page
      title={`Delivery of ${delivery.event}`}
      heading={<h1>{delivery.event}</h1>}
      facts={
        <>
          <DeliveryBadge state={delivery.state} size="large" />
          <Time at={delivery.receivedAt} />
        </>
      }
      actions={
        <>
          <ErrorNote message={error} />
          <Button variant="default" loading={busy || delivery.state === 'RECEIVED'} onClick={() => void run({ id: delivery.id })}>
            Redeliver
          </Button>
        </>
      }
    >
      <Panel title="Answer">
        <div className={css.stack}>
          <p className={css.answer}>{delivery.answer ?? 'It is being handled, or will be within seconds.'}</p>
          <Facts>
            <Fact name="Sent by">{host ?? 'an unknown host'}</Fact>
            <Fact name="Sent">{delivery.times === 1 ? 'once' : `${delivery.times} times; only the first counts`}</Fact>
            <Fact name="Handled">{delivery.handledAt ? <Time at={delivery.handledAt} /> : 'not yet'}</Fact>
            <Fact name="Id at the host">{delivery.deliveryKey}</Fact>
          </Facts>
        </div>
      </Panel>
      <Payload payload={delivery.payload ?? null} />
      <Panel title="Headers" flush>
        <Headers headers={delivery.headers} />
      </Panel>
    </Page>
  );
}

function Payload({ payload }: { payload: DeliveryPageFragment['payload'] | null }) {
  return (
    <Panel title="Payload" actions={payload ? <span className={css.size}>{formatBytes(payload.bytes)}</span> : null} flush>
      {payload ? (
        <>
          {payload.truncated ? <p className={css.note}>Only the beginning is shown; what was handled is the whole.</p> : null}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls must be reachable by keyboard */}
          <section className={css.payload} tabIndex={0} aria-label="Payload">
            <pre>{payload.text}</pre>
          </section>
        </>
      ) : (
        <p className={css.note}>It came without a payload.</p>
      )}
    </Panel>
  );
}

/** By lower-case name; signatures and tokens are not among them. */
function Headers({ headers }: { headers: unknown }) {
  const entries = Object.entries((headers ?? {}) as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return <p className={css.note}>None are stored.</p>;
  return (
    <dl className={css.headers}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>
            <code>{String(value)}</code>
          </dd>
        </div>
      ))}
    </dl>
  );
}
