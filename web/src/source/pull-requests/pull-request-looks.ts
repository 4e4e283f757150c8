import type { MergeState, PullRequestState } from '../../generated/graphql.ts';
import type { StateLook } from '../../ui/StateBadge.tsx';

/** The look of each state of a pull request, as `domain/looks.ts` has those of runs and jobs. */
export const PULL_REQUEST_LOOK: Record<PullRequestState, StateLook> = {
  OPEN: { shape: 'ring', tone: 'accent', word: 'Open' },
  MERGED: { shape: 'tick', tone: 'positive', word: 'Merged' },
  CLOSED: { shape: 'slash', tone: 'muted', word: 'Closed' },
};

export const MERGE_LOOK: Record<MergeState, StateLook> = {
  CLEAN: { shape: 'tick', tone: 'positive', word: 'Can be merged' },
  CONFLICT: { shape: 'cross', tone: 'negative', word: 'In conflict' },
  UNKNOWN: { shape: 'hourglass', tone: 'neutral', word: 'Fetching' },
};

export const APPROVAL_NEEDED: StateLook = { shape: 'hand', tone: 'attention', word: 'Approval needed' };
