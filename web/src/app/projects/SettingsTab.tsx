import { ProjectSecrets } from '../../deliver/secrets/ProjectSecrets.tsx';
import { AddRepositoryLink } from '../../source/repositories/AddRepositoryLink.tsx';
import { useFrameProject } from '../../source/repositories/frame-project.ts';
import { RepositoryList } from '../../source/repositories/RepositoryList.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Fact, Facts, Panel } from '../../ui/Panel.tsx';
import { Time } from '../../ui/Time.tsx';
import css from './projects.module.css';

export function SettingsTab() {
  const project = useFrameProject();
  const { repositories } = project;
  return (
    <div className={css.stack}>
      <Panel title="Repositories" actions={repositories.length > 0 ? <AddRepositoryLink project={project.name} /> : null} flush>
        {repositories.length === 0 ? (
          <EmptyState title="No repositories yet" action={<AddRepositoryLink project={project.name} primary />}>
            Have Slipway host one, or add one that lives at a code host. Each push to it is built, tested and deployed.
          </EmptyState>
        ) : null}
        <RepositoryList project={project.name} repositories={repositories} />
      </Panel>
      <Panel title="Project">
        <Facts>
          <Fact name="Name">{project.name}</Fact>
          <Fact name="Created">
            <Time at={project.createdAt} />
          </Fact>
        </Facts>
      </Panel>
      {/* Last, as it is read by itself: nothing stands below that it could push. */}
      <ProjectSecrets project={project.name} />
    </div>
  );
}
