import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { Link, useParams } from 'react-router';
import { PageReadFailed } from '../../api/ReadFailed.tsx';
import { useAction } from '../../api/use-action.ts';
import { useLive } from '../../api/use-live.ts';
import { logSteps } from '../../build/jobs/JobLogPane.tsx';
import { newestAttempt } from '../../build/jobs/newest-attempt.ts';
import { RulesLink } from '../../build/jobs/RulesLink.tsx';
import { LogView } from '../../build/logs/LogView.tsx';
import { addressOf, applicationUrl } from '../../domain/addresses.ts';
import { DEPLOYMENT_LOOK, isDeploymentOver } from '../../domain/looks.ts';
import { DeploymentBadge } from '../../domain/StateBadges.tsx';
import {
  CancelDeploymentDocument,
  DeploymentChangedDocument,
  type DeploymentDetailsFragment,
  DeploymentPageDocument,
} from '../../generated/graphql.ts';
import { useAnnounceChange } from '../../ui/announce.ts';
import { usePageCrumbs } from '../../ui/crumbs.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { NotFound } from '../../ui/NotFound.tsx';
import { Page } from '../../ui/Page.tsx';
import { Fact, Facts, Panel } from '../../ui/Panel.tsx';
import { Sha } from '../../ui/Sha.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { Elapsed, Time } from '../../ui/Time.tsx';
import { ProgressBar } from '../environments/ActiveDeployment.tsx';
import { ReleaseCommits } from '../environments/ReleaseCommits.tsx';
import { STRATEGY_WORDS } from '../environments/strategy-words.ts';
import { DeploymentSteps } from './DeploymentSteps.tsx';
import css from './deployments.module.css';
import { Requests } from './Requests.tsx';

const TO_ENVIRONMENTS = { to: '/environments', name: 'Go to the environments' };

export function DeploymentPage() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useQuery(DeploymentPageDocument, { variables: { id } });
  const deployment = data?.deployment;
  useLive(DeploymentChangedDocument, deployment ? { id } : null);
  useAnnounceChange(deployment ? `Deployment: ${DEPLOYMENT_LOOK[deployment.state].word}` : null);
  usePageCrumbs(`/deployments/${id}`, deployment ? crumbsOf(deployment) : null);
  if (deployment) return <DeploymentView deployment={deployment} />;
  if (error)
    return <PageReadFailed title="This deployment can’t be shown" error={error} onRetry={() => void refetch()} way={TO_ENVIRONMENTS} />;
  if (data)
    return (
      <NotFound title="There is no such deployment" way={TO_ENVIRONMENTS}>
        It may have been deleted with its environment, or the link may be incomplete.
      </NotFound>
    );
  return (
    <Page title="Deployment">
      <RowsSkeleton rows={8} label="Loading the deployment" />
    </Page>
  );
}

function DeploymentView({ deployment }: { deployment: DeploymentDetailsFragment }) {
  const { release, environment, job } = deployment;
  const title =
    deployment.kind === 'rollback'
      ? `Roll ${environment.name} back to ${release.version}`
      : `Deploy ${release.version} to ${environment.name}`;
  const attempt = job ? newestAttempt(job.attempts) : null;
  return (
    <Page title={title} facts={<DeploymentFacts deployment={deployment} />} actions={<Actions deployment={deployment} />}>
      {isDeploymentOver(deployment.state) ? null : <ProgressBar percent={deployment.percent} label="Progress" />}
      {deployment.message ? (
        <p className={css.message} data-tone={DEPLOYMENT_LOOK[deployment.state].tone}>
          {deployment.message}{' '}
          <RulesLink
            reason={deployment.reason}
            project={environment.project.name}
            repository={(deployment.run ?? release.run)?.repository.name}
          />
        </p>
      ) : null}
      <div className={css.grid}>
        <Panel title="Steps" flush>
          <DeploymentSteps events={deployment.events} over={isDeploymentOver(deployment.state)} />
        </Panel>
        <Panel title="Details">
          <WhatAndWhere deployment={deployment} />
        </Panel>
        <Requests receipt={deployment.receipt} />
        {deployment.contents && deployment.contents.commits.length > 0 ? (
          <Panel title="Contents">
            <ReleaseCommits contents={deployment.contents} tense="past" />
          </Panel>
        ) : null}
      </div>
      {job && attempt ? (
        <div className={css.log}>
          <LogView jobId={job.id} attemptId={attempt.id} label={`Log of ${job.name}`} steps={logSteps(job)} openAtFailure={false} />
        </div>
      ) : null}
    </Page>
  );
}

function DeploymentFacts({ deployment }: { deployment: DeploymentDetailsFragment }) {
  return (
    <>
      <DeploymentBadge deployment={deployment} size="large" />
      <span>{STRATEGY_WORDS[deployment.strategy].name}</span>
      {deployment.createdBy ? <span>by {deployment.createdBy.name}</span> : null}
      <Time at={deployment.createdAt} />
      <Elapsed from={deployment.startedAt} to={deployment.finishedAt} />
    </>
  );
}

function WhatAndWhere({ deployment }: { deployment: DeploymentDetailsFragment }) {
  const { release, previousRelease, environment, run } = deployment;
  return (
    <Facts>
      <Fact name="Release">
        #{release.number} <code>{release.version}</code>
      </Fact>
      <Fact name="Previous release">
        {previousRelease ? (
          <>
            #{previousRelease.number} <code>{previousRelease.version}</code>
          </>
        ) : (
          'none'
        )}
      </Fact>
      <Fact name="Environment">
        <Link to={addressOf.environment(environment.project.name, environment.name)}>{environment.name}</Link>
        {environment.port ? (
          <>
            {' · '}
            <a href={applicationUrl(environment.port)} target="_blank" rel="noreferrer">
              open application
            </a>
          </>
        ) : null}
      </Fact>
      <Fact name="Run">{run ? <Link to={addressOf.run(run)}>{`${run.repository.name} #${run.number}`}</Link> : 'none'}</Fact>
      <Fact name="Commit">{release.commit?.subject ?? <Sha sha={release.commitSha} />}</Fact>
    </Facts>
  );
}

/** Stopping brings back what served before. */
function Actions({ deployment }: { deployment: DeploymentDetailsFragment }) {
  const { run, busy, error } = useAction(CancelDeploymentDocument);
  if (isDeploymentOver(deployment.state) || deployment.state === 'ROLLING_BACK') return null;
  return (
    <>
      <ErrorNote message={error} />
      <Button variant="default" loading={busy} onClick={() => void run({ id: deployment.id })}>
        {deployment.state === 'WAITING' ? 'Cancel' : 'Abort and go back'}
      </Button>
    </>
  );
}

function crumbsOf({ environment, release, id }: DeploymentDetailsFragment) {
  const project = environment.project.name;
  return [
    { name: 'Projects', to: '/projects' },
    { name: project, to: addressOf.project(project) },
    { name: environment.name, to: addressOf.environment(project, environment.name) },
    { name: `Deployment of ${release.version}`, to: `/deployments/${id}` },
  ];
}
