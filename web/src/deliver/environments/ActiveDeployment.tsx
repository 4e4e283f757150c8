import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { DeploymentBadge } from '../../domain/StateBadges.tsx';
import type { DeploymentRowFragment } from '../../generated/graphql.ts';
import css from './environments.module.css';

/** The deployment that holds the environment now. */
export function ActiveDeployment({ deployment }: { deployment: DeploymentRowFragment }) {
  const { message } = deployment;
  const { version } = deployment.release;
  return (
    <>
      <DeploymentBadge deployment={deployment} size="large" />
      <p className={css.statusText} title={message ?? undefined}>
        {message?.includes(version) ? null : (
          <>
            {deployment.kind === 'rollback' ? 'Rolling back to' : 'Deploying'} <code>{version}</code>
            {message ? ' · ' : null}
          </>
        )}
        <span className="muted">{message}</span>
      </p>
      <ProgressBar percent={deployment.percent} label={`Deployment of ${version}`} />
      <Link to={addressOf.deployment(deployment)}>View deployment</Link>
    </>
  );
}

export function ProgressBar({ percent, label }: { percent: number; label: string }) {
  return (
    <div className={css.bar} role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
      <div className={css.barFill} style={{ width: `${percent}%` }} />
    </div>
  );
}
