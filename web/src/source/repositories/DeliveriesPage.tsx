import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { errorMessage } from '../../api/errors.ts';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { addressOf } from '../../domain/addresses.ts';
import { DeliveriesDocument, type DeliveryRowFragment } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import rows from '../../ui/rows.module.css';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { Time } from '../../ui/Time.tsx';
import { DeliveryBadge } from './DeliveryBadge.tsx';
import { WEBHOOK_HELP } from './host-words.ts';
import { RepositoryFrame } from './RepositoryFrame.tsx';
import css from './repositories.module.css';
import { useDeliveryNews } from './use-delivery-news.ts';
import { type PageRepository, usePageRepository } from './use-repository.ts';

export function DeliveriesPage() {
  const read = usePageRepository();
  return <RepositoryFrame read={read}>{(repository) => <Deliveries project={read.project} repository={repository} />}</RepositoryFrame>;
}

type Props = { project: string; repository: PageRepository };

/** What the repository's host called about, newest first. */
function Deliveries({ project, repository }: Props) {
  const { data, error, refetch, fetchMore } = useQuery(DeliveriesDocument, { variables: { repositoryId: repository.id } });
  useDeliveryNews(repository.id, refetch);
  const [more, setMore] = useState<{ busy: boolean; error: string | null }>({ busy: false, error: null });
  const deliveries = data?.webhookDeliveries;
  const readMore = async () => {
    setMore({ busy: true, error: null });
    const failed = await fetchMore({ variables: { after: deliveries?.pageInfo.endCursor } }).then(() => null, errorMessage);
    setMore({ busy: false, error: failed });
  };
  return (
    <Page
      title={`Deliveries · ${repository.name}`}
      heading={<h1>Deliveries</h1>}
      facts={<span>Calls of the host of {repository.name}; the last hundred of 30 days are kept.</span>}
    >
      <Panel flush>
        {error && !deliveries ? <ReadFailed title="The deliveries can’t be read" error={error} onRetry={() => void refetch()} /> : null}
        {!deliveries && !error ? <RowsSkeleton rows={8} label="Loading the deliveries" /> : null}
        {deliveries?.edges.length === 0 ? <NoDelivery project={project} repository={repository} /> : null}
        {deliveries && deliveries.edges.length > 0 ? (
          <div className={`${rows.list} ${css.deliveries}`}>
            {deliveries.edges.map(({ node }) => (
              <DeliveryRow key={node.id} delivery={node} to={addressOf.delivery(project, repository.name, node.id)} />
            ))}
          </div>
        ) : null}
        {deliveries?.pageInfo.hasNextPage ? (
          <div className={css.center}>
            <Button variant="default" loading={more.busy} onClick={() => void readMore()}>
              Earlier deliveries
            </Button>
          </div>
        ) : null}
        <ErrorNote message={more.error} />
      </Panel>
    </Page>
  );
}

function DeliveryRow({ delivery, to }: { delivery: DeliveryRowFragment; to: string }) {
  return (
    <Link to={to} className={rows.row} data-row>
      <DeliveryBadge state={delivery.state} />
      <span className={rows.clip}>
        <strong>{delivery.event}</strong>
        {delivery.times > 1 ? <span className="muted"> sent {delivery.times} times</span> : null}
      </span>
      <span className={`${rows.clip} muted`} title={delivery.answer ?? undefined} data-wide>
        {delivery.answer ?? 'It is being handled.'}
      </span>
      <span className={rows.right}>
        <Time at={delivery.receivedAt} />
      </span>
    </Link>
  );
}

/** Says where at this very host a webhook is made. */
function NoDelivery({ project, repository }: Props) {
  if (!repository.host)
    return (
      <EmptyState title="A hosted repository has no webhook">
        Whatever is pushed here is known at once. Webhooks are for repositories at a code host.
      </EmptyState>
    );
  const help = WEBHOOK_HELP[repository.host];
  return (
    <EmptyState
      title="No deliveries yet"
      action={
        <Button component={Link} to={addressOf.repositorySettings(project, repository.name)}>
          Address and secret
        </Button>
      }
    >
      {help ? (
        <>
          <p>Make a webhook at the host, with the address and the secret of this repository:</p>
          <p>
            <strong>{help.where}</strong>
          </p>
          <p>Events: {help.events}.</p>
        </>
      ) : (
        <p>
          Slipway knows no webhooks of such a host, so it polls it instead. If it runs GitLab, Gitea or the like, say so in the connection.
        </p>
      )}
    </EmptyState>
  );
}
