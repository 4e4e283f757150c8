import { useQuery } from '@apollo/client/react';
import { useApi } from '../../api/api.ts';
import { useAction } from '../../api/use-action.ts';
import { DeleteBranchDocument, PullRequestsFromBranchDocument } from '../../generated/graphql.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import type { RowPlace } from './row-place.ts';
import { withoutBranch } from './without-branch.ts';

/** Names the branch and the open pull requests that come from it: the deletion is confirmed only for those that are shown here. */
export function DeleteBranchDialog({ branch, place, onClose }: { branch: string; place: RowPlace; onClose: () => void }) {
  const { project, repository } = place;
  const { cache } = useApi().apollo;
  const { run, busy, error } = useAction(DeleteBranchDocument);
  const { data } = useQuery(PullRequestsFromBranchDocument, {
    variables: { project, repository: repository.name },
    fetchPolicy: 'no-cache',
  });
  const open = data?.project?.repository?.pullRequests.edges
    .map((edge) => edge.node)
    .filter((each) => !each.isFork && each.sourceBranch === branch);
  const remove = async () => {
    if (!(await run({ repositoryId: repository.id, name: branch, evenWithPullRequests: Boolean(open?.length) }))) return;
    withoutBranch(cache, repository.id, branch);
    onClose();
  };
  return (
    <ConfirmDialog
      title="Delete branch"
      name={branch}
      action="Delete branch"
      busy={busy}
      error={error}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <p>
        <strong>{branch}</strong> of {repository.name} is deleted{repository.kind === 'EXTERNAL' ? ', here and at its host' : ''}. Its
        commits stay as long as runs and releases name them.
      </p>
      {open && open.length > 0 ? (
        <p style={{ marginTop: 8, color: 'var(--attention)' }}>
          {open.length === 1 ? 'An open pull request comes' : `${open.length} open pull requests come`} from it:{' '}
          {open.map((each) => `#${each.number} ${each.title}`).join(', ')}.
        </p>
      ) : null}
    </ConfirmDialog>
  );
}
