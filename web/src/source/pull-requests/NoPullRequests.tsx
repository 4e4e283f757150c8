import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import type { PullRequestState } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import type { FrameRepository } from '../repositories/chosen-repository.tsx';
import { KNOWN_HOSTS } from '../repositories/host-words.ts';

type Props = { project: string; repository: FrameRepository; state: PullRequestState };

/** Says how pull requests get here, and what there is instead where none can. */
export function NoPullRequests({ project, repository, state }: Props) {
  if (repository.kind === 'HOSTED')
    return (
      <EmptyState
        title="Pull requests are made at a code host"
        action={
          <Button component={Link} to={addressOf.branches(project, repository.name)} variant="default">
            Branches
          </Button>
        }
      >
        {repository.name} is hosted by Slipway, which has none of its own: compare and merge its branches instead, and let a branch rule say
        what has to succeed first. Pull requests of repositories at {KNOWN_HOSTS} are shown here.
      </EmptyState>
    );
  if (state !== 'OPEN') return <EmptyState title={`No pull request was ${state} yet`} />;
  return (
    <EmptyState title="No open pull requests">
      They are opened at the code host. Slipway hears of them at once by the webhook, and finds them each time it polls the host; what is
      built is the merge with the base branch, and the host is told how it fares.
    </EmptyState>
  );
}
