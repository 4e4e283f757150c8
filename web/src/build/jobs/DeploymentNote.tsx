import { IconExternalLink } from '@tabler/icons-react';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { DeploymentBadge } from '../../domain/StateBadges.tsx';
import type { RunJobFragment } from '../../generated/graphql.ts';
import { liveApplication } from '../runs/live-applications.ts';
import css from './jobs.module.css';

/** From a deploy job to what it brings about, how far that is, and to the application once it is live. */
export function DeploymentNote({ job }: { job: Pick<RunJobFragment, 'deployment' | 'environmentName'> }) {
  const { deployment, environmentName } = job;
  if (!deployment) return null;
  const live = liveApplication(job);
  return (
    <div className={css.deployment}>
      <DeploymentBadge deployment={deployment} />
      <Link to={addressOf.deployment(deployment)}>Deployment{environmentName ? ` to ${environmentName}` : ''}</Link>
      {live ? (
        <a href={live.url} target="_blank" rel="noreferrer">
          {live.url} <IconExternalLink size={14} style={{ verticalAlign: -2 }} aria-hidden="true" />
        </a>
      ) : null}
      <span className={css.step}>{deployment.message}</span>
    </div>
  );
}
