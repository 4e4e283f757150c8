import { Button } from '@mantine/core';
import { useState } from 'react';
import { CopyField } from '../../ui/CopyField.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Fact, Facts, Panel } from '../../ui/Panel.tsx';
import { Time } from '../../ui/Time.tsx';
import { CreateTokenDialog } from '../access/CreateTokenDialog.tsx';
import { CreateRepositoryButton } from './CreateRepositoryButton.tsx';
import { useFrameProject } from './ProjectPage.tsx';
import css from './projects.module.css';

export function SettingsTab() {
  const project = useFrameProject();
  const [asking, setAsking] = useState(false);
  return (
    <div className={css.stack}>
      {asking ? <CreateTokenDialog suggestedName={`git ${project.name}`} onClose={() => setAsking(false)} /> : null}
      <Panel title="Repositories" actions={<CreateRepositoryButton project={project} />} flush>
        {project.repositories.length === 0 ? (
          <EmptyState title="No repository yet">
            Slipway hosts it: clone it, push to it, and each push is built, tested and deployed.
          </EmptyState>
        ) : null}
        {project.repositories.map((repository) => (
          <div key={repository.id} className={css.repository}>
            <h3>
              {repository.name}
              {repository.defaultBranch ? (
                <span className={css.tag}>{repository.defaultBranch}</span>
              ) : (
                <span className={css.tag}>empty</span>
              )}
            </h3>
            <CopyField value={`git clone ${repository.cloneUrl}`} label="clone command" />
            <p className="muted">
              Git asks for a password: that is a token; any user name will do.{' '}
              <Button variant="default" onClick={() => setAsking(true)}>
                Get a token
              </Button>
            </p>
          </div>
        ))}
      </Panel>
      <Panel title="Project">
        <Facts>
          <Fact name="Name">{project.name}</Fact>
          <Fact name="Created">
            <Time at={project.createdAt} />
          </Fact>
        </Facts>
      </Panel>
    </div>
  );
}
