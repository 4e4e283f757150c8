import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import type { RepositoryRowFragment } from '../../generated/graphql.ts';
import { CreateTokenDialog } from '../../people/access/CreateTokenDialog.tsx';
import { CopyField } from '../../ui/CopyField.tsx';
import { HOST_NAME } from './host-words.ts';
import { MirrorBadge } from './MirrorBadge.tsx';
import css from './repositories.module.css';

/** The repositories of a project: where each lives, how it stands, and how the hosted ones are cloned. */
export function RepositoryList({ project, repositories }: { project: string; repositories: readonly RepositoryRowFragment[] }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      {repositories.map((repository) => (
        <RepositoryRow key={repository.id} project={project} repository={repository} />
      ))}
      {repositories.some((repository) => repository.kind === 'HOSTED') ? (
        <p className={css.note}>
          Git asks for a password: that is a token; any user name will do.{' '}
          <Button variant="default" onClick={() => setAsking(true)}>
            Get a token
          </Button>
        </p>
      ) : null}
      {asking ? <CreateTokenDialog suggestedName={`git ${project}`} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function RepositoryRow({ project, repository }: { project: string; repository: RepositoryRowFragment }) {
  const { connection } = repository;
  const settings = addressOf.repositorySettings(project, repository.name);
  return (
    <div className={css.row}>
      <div className={css.rowTop}>
        <h3>
          <Link to={settings} data-row>
            {repository.name}
          </Link>
        </h3>
        <span className={css.tag}>{repository.defaultBranch ?? 'empty'}</span>
        {repository.host ? <span className={css.tag}>{HOST_NAME[repository.host]}</span> : null}
        <MirrorBadge mirror={connection} detailed />
        <Button component={Link} to={settings} variant="default" size="compact-xs" aria-label={`Settings of ${repository.name}`}>
          Settings
        </Button>
      </div>
      {repository.url ? (
        <p className={css.address}>{repository.url}</p>
      ) : (
        <CopyField value={`git clone ${repository.cloneUrl}`} label={`clone command of ${repository.name}`} />
      )}
    </div>
  );
}
