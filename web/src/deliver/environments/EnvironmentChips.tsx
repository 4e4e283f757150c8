import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { DeploymentBadge, HealthBadge } from '../../domain/StateBadges.tsx';
import type { EnvironmentGlanceFragment } from '../../generated/graphql.ts';
import { inOrder } from './environment-order.ts';
import css from './environments.module.css';

/** What each environment runs, in a line: health, name, version. */
export function EnvironmentChips({ project, environments }: { project: string; environments: EnvironmentGlanceFragment[] }) {
  if (environments.length === 0) return null;
  return (
    <ul className={css.chips}>
      {inOrder(environments).map((environment) => (
        <li key={environment.id}>
          <Link to={addressOf.environment(project, environment.name)} className={css.chip}>
            {environment.activeDeployment ? (
              <DeploymentBadge deployment={environment.activeDeployment} compact />
            ) : (
              <HealthBadge environment={environment} compact />
            )}
            <span>{environment.name}</span>
            <code>{environment.release?.version ?? '–'}</code>
          </Link>
        </li>
      ))}
    </ul>
  );
}
