import { Button } from '@mantine/core';
import { useState } from 'react';
import { CreateTokenDialog } from '../../people/access/CreateTokenDialog.tsx';
import { CopyField } from '../../ui/CopyField.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { DefaultBranchDialog } from './DefaultBranchDialog.tsx';
import css from './repositories.module.css';
import type { PageRepository } from './use-repository.ts';

/** How to clone a hosted repository, and what a clone checks out. */
export function HostedPanel({ project, repository }: { project: string; repository: PageRepository }) {
  const [open, setOpen] = useState<'token' | 'branch' | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Panel title="Clone">
        <div className={css.stack}>
          <CopyField value={`git clone ${repository.cloneUrl}`} label="clone command" />
          <p className="muted">
            Git asks for a password: that is a token; any user name will do.{' '}
            <Button variant="default" onClick={() => setOpen('token')}>
              Get a token
            </Button>
          </p>
        </div>
      </Panel>
      <Panel
        title="Default branch"
        actions={
          repository.defaultBranch ? (
            <Button variant="default" onClick={() => setOpen('branch')}>
              Change
            </Button>
          ) : null
        }
      >
        {repository.defaultBranch ? (
          <p>
            <strong>{repository.defaultBranch}</strong>{' '}
            <span className="muted">is what clones check out, and what other branches are compared with.</span>
          </p>
        ) : (
          <p className="muted">None yet: it is set by the first push.</p>
        )}
      </Panel>
      {open === 'token' ? <CreateTokenDialog suggestedName={`git ${project}`} onClose={close} /> : null}
      {open === 'branch' ? <DefaultBranchDialog project={project} repository={repository} onClose={close} /> : null}
    </>
  );
}
