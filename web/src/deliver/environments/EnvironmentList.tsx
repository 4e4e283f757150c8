import { Link } from 'react-router';
import { addressOf, applicationUrl } from '../../domain/addresses.ts';
import { DeploymentBadge, HealthBadge } from '../../domain/StateBadges.tsx';
import type { EnvironmentGlanceFragment } from '../../generated/graphql.ts';
import rows from '../../ui/rows.module.css';
import { Time } from '../../ui/Time.tsx';
import { inOrder } from './environment-order.ts';
import css from './environments.module.css';

export function EnvironmentList({ environments }: { environments: EnvironmentGlanceFragment[] }) {
  return (
    <div className={`${rows.list} ${css.list}`}>
      {inOrder(environments).map((environment) => (
        <div key={environment.id} className={rows.row} data-hover>
          <Link
            to={addressOf.environment(environment.project.name, environment.name)}
            className={`${rows.clip} ${css.name}`}
            data-row
            data-wide
          >
            {environment.name}
          </Link>
          <HealthBadge environment={environment} />
          <span className={rows.clip}>
            {environment.release ? (
              <>
                <code>{environment.release.version}</code> <span className="muted">from {environment.release.branch}</span>
              </>
            ) : (
              <span className="muted">nothing serves yet</span>
            )}
          </span>
          <span>
            {environment.activeDeployment ? (
              <Link to={addressOf.deployment(environment.activeDeployment)}>
                <DeploymentBadge deployment={environment.activeDeployment} />
              </Link>
            ) : environment.releaseSince ? (
              <Time at={environment.releaseSince} />
            ) : null}
          </span>
          <span className={rows.right}>
            {environment.port && environment.release ? (
              <a href={applicationUrl(environment.port)} target="_blank" rel="noreferrer">
                Open application
              </a>
            ) : null}
          </span>
        </div>
      ))}
    </div>
  );
}
