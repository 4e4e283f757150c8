import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { CreateTokenDialog } from '../../people/access/CreateTokenDialog.tsx';
import { CopyField } from '../../ui/CopyField.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { AddRepositoryLink } from './AddRepositoryLink.tsx';
import css from './first-push.module.css';
import type { FrameProject } from './frame-project.ts';

/** What to do so that something runs. */
export function FirstPush({ project }: { project: FrameProject }) {
  const [asking, setAsking] = useState(false);
  const [repository] = project.repositories;
  if (!repository)
    return (
      <EmptyState title="This project has no repository yet" action={<AddRepositoryLink project={project.name} primary />}>
        Have Slipway host one, or add one that lives at a code host. Each push to it is built, tested and deployed.
      </EmptyState>
    );
  if (repository.kind === 'EXTERNAL') return <FirstFetch project={project.name} repository={repository} />;
  return (
    <EmptyState title="Nothing has run yet">
      <p>Push to the repository and a run starts within a second. A package.json is enough; a .slipway.yml says more.</p>
      <div className={css.steps}>
        <CopyField value={`git remote add slipway ${repository.cloneUrl}`} label="remote command" />
        <CopyField value="git push slipway HEAD" label="push command" />
        <p>
          Git asks for a password: that is a token.{' '}
          <Button variant="default" onClick={() => setAsking(true)}>
            Get a token
          </Button>
        </p>
      </div>
      {asking ? <CreateTokenDialog suggestedName="git" onClose={() => setAsking(false)} /> : null}
    </EmptyState>
  );
}

/** Nothing is pushed to a mirror: what is at the host comes over by itself. */
function FirstFetch({ project, repository }: { project: string; repository: FrameProject['repositories'][number] }) {
  return (
    <EmptyState
      title="Nothing has run yet"
      action={
        <Button component={Link} to={addressOf.repositorySettings(project, repository.name)}>
          Set up its webhook
        </Button>
      }
    >
      Push to {repository.url} and a run starts: at once with a webhook, else when the host is next asked for news. A package.json is
      enough; a .slipway.yml says more.
    </EmptyState>
  );
}
