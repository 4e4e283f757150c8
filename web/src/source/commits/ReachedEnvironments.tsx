import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import type { CommitRowFragment } from '../../generated/graphql.ts';
import css from './commits.module.css';

/** Where a commit was deployed; filled: it is what serves there now. */
export function ReachedEnvironments({ project, reached }: { project: string; reached: CommitRowFragment['environments'] }) {
  return (
    <span className={css.environments}>
      {reached.map(({ environment, isLive, reachedAt }) => {
        const words = isLive ? `Live in ${environment.name}` : `Was in ${environment.name}`;
        return (
          <Link
            key={environment.id}
            to={addressOf.environment(project, environment.name)}
            className={css.environment}
            data-live={isLive || undefined}
            aria-label={words}
            title={reachedAt ? `${words}, deployed ${new Date(reachedAt).toLocaleString()}` : words}
          >
            {environment.name}
          </Link>
        );
      })}
    </span>
  );
}
