import { useParams } from 'react-router';
import { Page } from '../../ui/Page.tsx';
import { BranchRules } from './BranchRules.tsx';
import { RepositoryShell } from './RepositoryShell.tsx';

export function BranchRulesPage() {
  const { project = '', repository = '' } = useParams();
  return (
    <Page title={`Branch rules of ${repository}`}>
      <RepositoryShell project={project} repository={repository}>
        {({ id }) => <BranchRules repositoryId={id} />}
      </RepositoryShell>
    </Page>
  );
}
