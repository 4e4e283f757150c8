import { EmptyState } from '../../ui/EmptyState.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RepositoryChoice, useChosenRepository } from '../repositories/chosen-repository.tsx';
import { FirstPush } from '../repositories/FirstPush.tsx';
import { useFrameProject } from '../repositories/frame-project.ts';
import { BranchList } from './BranchList.tsx';
import css from './branches.module.css';

export function BranchesTab() {
  const project = useFrameProject();
  const repository = useChosenRepository(project);
  return (
    <div className={css.stack}>
      {repository ? <RepositoryChoice project={project} chosen={repository} /> : null}
      {repository?.defaultBranch ? (
        <BranchList key={repository.id} project={project.name} repository={repository} />
      ) : (
        <Panel flush>
          {repository?.kind === 'EXTERNAL' ? (
            <EmptyState title="Nothing has been fetched yet">
              The branches of {repository.name} appear here as soon as they are fetched from its host.
            </EmptyState>
          ) : (
            <FirstPush project={project} />
          )}
        </Panel>
      )}
    </div>
  );
}
