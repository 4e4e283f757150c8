import { Link } from 'react-router';
import type { RunJobFragment } from '../../generated/graphql.ts';
import { addressOf } from '../states/addresses.ts';
import { DeploymentBadge } from '../states/StateBadges.tsx';
import css from './jobs.module.css';

/** From a deploy job to what it brings about. */
export function DeploymentNote({ deployment, environmentName }: Pick<RunJobFragment, 'deployment' | 'environmentName'>) {
  if (!deployment) return null;
  return (
    <p className={css.deployment}>
      <DeploymentBadge deployment={deployment} />
      <Link to={addressOf.deployment(deployment)}>Deployment{environmentName ? ` to ${environmentName}` : ''}</Link>
    </p>
  );
}
