import { useParams, useSearchParams } from 'react-router';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { AddExternal } from './AddExternal.tsx';
import { AddHosted } from './AddHosted.tsx';
import { KindChoice } from './KindChoice.tsx';
import css from './repositories.module.css';

/** The kind is in the address, so that a link can ask for the one or the other: `?kind=external`. */
export function AddRepositoryPage() {
  const { project = '' } = useParams();
  const [search, setSearch] = useSearchParams();
  const kind = search.get('kind') === 'external' ? 'EXTERNAL' : 'HOSTED';
  return (
    <Page title="Add a repository" facts={<span>to {project}</span>}>
      <Panel>
        <div className={css.add}>
          <KindChoice chosen={kind} onChoose={(next) => setSearch({ kind: next.toLowerCase() }, { replace: true })} />
          {kind === 'EXTERNAL' ? <AddExternal project={project} /> : <AddHosted project={project} />}
        </div>
      </Panel>
    </Page>
  );
}
