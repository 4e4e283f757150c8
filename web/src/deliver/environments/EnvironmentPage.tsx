import { useQuery } from '@apollo/client/react';
import { Link, useParams } from 'react-router';
import { PageReadFailed } from '../../api/ReadFailed.tsx';
import { useLive } from '../../api/use-live.ts';
import { addressOf } from '../../domain/addresses.ts';
import { HEALTH_LOOK } from '../../domain/looks.ts';
import { EnvironmentChangedDocument, EnvironmentPageDocument } from '../../generated/graphql.ts';
import { useAnnounceChange } from '../../ui/announce.ts';
import { NotFound } from '../../ui/NotFound.tsx';
import { Page } from '../../ui/Page.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { Time } from '../../ui/Time.tsx';
import { DeployButton } from './DeployButton.tsx';
import { DeploymentHistory } from './DeploymentHistory.tsx';
import { EnvironmentSettings } from './EnvironmentSettings.tsx';
import { EnvironmentStatus } from './EnvironmentStatus.tsx';
import css from './environments.module.css';
import { Instances } from './Instances.tsx';
import type { PageEnvironment } from './page-environment.ts';
import { RollbackButton } from './RollbackButton.tsx';
import { Serving } from './Serving.tsx';

export function EnvironmentPage() {
  const { project = '', name = '' } = useParams();
  const { data, error, refetch } = useQuery(EnvironmentPageDocument, { variables: { project, name } });
  const environment = data?.environment;
  const wayOut = { to: `${addressOf.project(project)}/environments`, name: `Environments of ${project}` };
  useLive(EnvironmentChangedDocument, environment ? { id: environment.id } : null);
  useAnnounceChange(environment?.health ? `${name}: ${HEALTH_LOOK[environment.health].word}` : null);
  if (environment) return <EnvironmentView environment={environment} />;
  if (error) return <PageReadFailed title="This environment can’t be shown" error={error} onRetry={() => void refetch()} way={wayOut} />;
  if (data)
    return (
      <NotFound title={`There is no environment “${name}” in ${project}`} way={wayOut}>
        Check the name; it may have been deleted.
      </NotFound>
    );
  return (
    <Page title={name}>
      <RowsSkeleton rows={8} label="Loading the environment" />
    </Page>
  );
}

function EnvironmentView({ environment }: { environment: PageEnvironment }) {
  return (
    <Page
      title={`${environment.name} · ${environment.project.name}`}
      heading={<h1>{environment.name}</h1>}
      facts={
        <>
          {environment.repository ? (
            <span>
              Of repository{' '}
              <Link to={addressOf.branches(environment.project.name, environment.repository.name)}>{environment.repository.name}</Link>
            </span>
          ) : null}
          <AgentOf environment={environment} />
          {environment.state === 'active' ? null : <span>{environment.state}</span>}
        </>
      }
      actions={
        <>
          <RollbackButton environment={environment} />
          <DeployButton environment={environment} />
        </>
      }
    >
      <EnvironmentStatus environment={environment} />
      <div className={css.grid} data-uneven>
        <Serving environment={environment} />
        <Instances instances={environment.instances} problems={environment.problems} isKnown={environment.health !== 'UNKNOWN'} />
      </div>
      <DeploymentHistory environment={environment} />
      <EnvironmentSettings environment={environment} />
    </Page>
  );
}

function AgentOf({ environment: { agent } }: { environment: PageEnvironment }) {
  if (!agent) return <span>No agent yet</span>;
  return (
    <span>
      On agent <Link to="/agents">{agent.name}</Link>
      {agent.connected ? null : agent.lastSeenAt ? (
        <>
          , last seen <Time at={agent.lastSeenAt} />
        </>
      ) : (
        ', not connected'
      )}
    </span>
  );
}
