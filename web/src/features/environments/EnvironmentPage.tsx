import { useQuery } from '@apollo/client/react';
import { useParams } from 'react-router';
import { errorMessage } from '../../api/errors.ts';
import { useLive } from '../../api/use-live.ts';
import { EnvironmentChangedDocument, EnvironmentPageDocument, type EnvironmentPageQuery } from '../../generated/graphql.ts';
import { useAnnounceChange } from '../../ui/announce.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Page } from '../../ui/Page.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { INSTANCE_LOOK } from '../states/looks.ts';
import { HealthBadge } from '../states/StateBadges.tsx';
import { ActiveDeployment } from './ActiveDeployment.tsx';
import { DeployButton } from './DeployButton.tsx';
import { DeploymentHistory } from './DeploymentHistory.tsx';
import { EnvironmentSettings } from './EnvironmentSettings.tsx';
import css from './environments.module.css';
import { Instances } from './Instances.tsx';
import { RollbackButton } from './RollbackButton.tsx';
import { Serving } from './Serving.tsx';

export type PageEnvironment = NonNullable<EnvironmentPageQuery['environment']>;

export function EnvironmentPage() {
  const { project = '', name = '' } = useParams();
  const { data, error, refetch } = useQuery(EnvironmentPageDocument, { variables: { project, name } });
  const environment = data?.environment;
  useLive(EnvironmentChangedDocument, environment ? { id: environment.id } : null);
  useAnnounceChange(environment?.health ? `${name} is ${INSTANCE_LOOK[environment.health].word}` : null);
  if (environment) return <EnvironmentView environment={environment} />;
  if (error) return <ErrorPanel title="This environment can’t be shown" message={errorMessage(error)} onRetry={() => void refetch()} />;
  if (data)
    return (
      <ErrorPanel
        title={`There is no environment “${name}” in ${project}`}
        message="It may have been deleted. Those that there are stand in the project’s Environments tab."
      />
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
          <HealthBadge health={environment.health} size="large" />
          <span>
            {environment.agent
              ? `on ${environment.agent.name}${environment.agent.connected ? '' : ', which is not connected'}`
              : 'on no agent yet'}
          </span>
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
      {environment.activeDeployment ? <ActiveDeployment deployment={environment.activeDeployment} /> : null}
      <div className={css.grid}>
        <Serving environment={environment} />
        <Instances instances={environment.instances} />
      </div>
      <DeploymentHistory environment={environment} />
      <EnvironmentSettings environment={environment} />
    </Page>
  );
}
