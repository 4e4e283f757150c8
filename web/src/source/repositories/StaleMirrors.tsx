import { Link } from 'react-router';
import { useLive } from '../../api/use-live.ts';
import { addressOf } from '../../domain/addresses.ts';
import { RepositoryChangedDocument, type RepositoryRowFragment } from '../../generated/graphql.ts';
import { StateShape } from '../../ui/StateShape.tsx';
import { useNow } from '../../ui/ticker.ts';
import css from './repositories.module.css';
import { isStale, staleTitle } from './stale.ts';

/** A line for each external repository of a project whose mirror can't be brought up to date; follows them by itself. */
export function StaleMirrors({ project, repositories }: { project: string; repositories: readonly RepositoryRowFragment[] }) {
  return (
    <div className={css.staleList}>
      {repositories
        .filter((repository) => repository.kind === 'EXTERNAL')
        .map((repository) => (
          <StaleMirror key={repository.id} project={project} repository={repository} />
        ))}
    </div>
  );
}

function StaleMirror({ project, repository }: { project: string; repository: RepositoryRowFragment }) {
  useLive(RepositoryChangedDocument, { id: repository.id });
  const mirror = repository.connection;
  const stale = isStale(mirror);
  const now = useNow(stale);
  if (!stale) return null;
  return (
    <p className={css.stale}>
      <StateShape shape="clock" progress={null} />
      <span>
        <Link to={addressOf.repositorySettings(project, repository.name)}>{repository.name}</Link> {staleTitle(mirror, now)}
      </span>
    </p>
  );
}
