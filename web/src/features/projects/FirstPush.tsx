import { Button } from '@mantine/core';
import { useState } from 'react';
import { CopyField } from '../../ui/CopyField.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { CreateTokenDialog } from '../access/CreateTokenDialog.tsx';
import { CreateRepositoryButton } from './CreateRepositoryButton.tsx';
import type { FrameProject } from './ProjectPage.tsx';
import css from './projects.module.css';

/** What to do so that something runs. */
export function FirstPush({ project }: { project: FrameProject }) {
  const [asking, setAsking] = useState(false);
  const [repository] = project.repositories;
  if (!repository)
    return (
      <EmptyState title="This project has no repository yet" action={<CreateRepositoryButton project={project} />}>
        Slipway hosts it: clone it, push to it, and each push is built, tested and deployed.
      </EmptyState>
    );
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
