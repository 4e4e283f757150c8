import { useApolloClient } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { errorMessage } from '../../api/errors.ts';
import { addressOf } from '../../domain/addresses.ts';
import { DeploymentBadge } from '../../domain/StateBadges.tsx';
import { type DeploymentRowFragment, EarlierDeploymentsDocument } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { formatCount } from '../../ui/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import rows from '../../ui/rows.module.css';
import { Tag } from '../../ui/Tag.tsx';
import { Elapsed, Time } from '../../ui/Time.tsx';
import css from './environments.module.css';
import type { PageEnvironment } from './page-environment.ts';
import { historyWords } from './release-words.ts';

/** What ran here when, newest first. */
export function DeploymentHistory({ environment }: { environment: PageEnvironment }) {
  const client = useApolloClient();
  const [reading, setReading] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { edges, pageInfo } = environment.deployments;
  const more = async () => {
    setReading(true);
    setError(null);
    try {
      const variables = { project: environment.project.name, name: environment.name, after: pageInfo.endCursor };
      await client.query({ query: EarlierDeploymentsDocument, variables, fetchPolicy: 'network-only' });
    } catch (caught) {
      setError(errorMessage(caught));
    } finally {
      setReading(false);
    }
  };
  return (
    <Panel title="Deployments" flush>
      {edges.length === 0 ? (
        <EmptyState title="Nothing has been deployed here yet">
          Each deployment and rollback is kept here, with who started it and how it ended.
        </EmptyState>
      ) : null}
      <div className={`${rows.list} ${css.history}`}>
        {edges.length > 0 ? (
          <div className={rows.head}>
            <span>State</span>
            <span>Release</span>
            <span>Requests during the switch</span>
            <span>Started by</span>
            <span>Took</span>
            <span className={rows.right}>Started</span>
          </div>
        ) : null}
        {edges.map(({ node }) => (
          <HistoryRow key={node.id} deployment={node} />
        ))}
      </div>
      <ErrorNote message={error} />
      {pageInfo.hasNextPage ? (
        <p className={css.note}>
          <Button variant="default" loading={reading} onClick={() => void more()}>
            Earlier deployments
          </Button>
        </p>
      ) : null}
    </Panel>
  );
}

function HistoryRow({ deployment }: { deployment: DeploymentRowFragment }) {
  const { release, receipt } = deployment;
  return (
    <Link to={addressOf.deployment(deployment)} className={rows.row} data-row>
      <DeploymentBadge deployment={deployment} />
      <span className={rows.clip} data-wide>
        {deployment.kind === 'rollback' ? <Tag tone="warning">Rollback</Tag> : null} <strong>#{release.number}</strong>{' '}
        <code>{release.version}</code> <span className="muted">{historyWords(deployment)}</span>
      </span>
      <span className="muted" title="Requests served and failed during the switch">
        {receipt ? `${formatCount(receipt.served)} served, ${formatCount(receipt.failed)} failed` : ''}
      </span>
      <span className={`${rows.clip} muted`}>{deployment.createdBy?.name ?? ''}</span>
      <Elapsed from={deployment.startedAt} to={deployment.finishedAt} />
      <span className={rows.right}>
        <Time at={deployment.createdAt} />
      </span>
    </Link>
  );
}
