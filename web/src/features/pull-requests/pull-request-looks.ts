import type { MergeState, PullRequestState } from '../../generated/graphql.ts';
import type { StateLook } from '../../ui/StateBadge.tsx';

/** The look of each state of a pull request, as `states/looks.ts` has those of runs and jobs. */
export const PULL_REQUEST_LOOK: Record<PullRequestState, StateLook> = {
  open: { shape: 'ring', tone: 'accent', word: 'Open' },
  merged: { shape: 'tick', tone: 'positive', word: 'Merged' },
  closed: { shape: 'slash', tone: 'muted', word: 'Closed' },
};

export const MERGE_LOOK: Record<MergeState, StateLook> = {
  clean: { shape: 'tick', tone: 'positive', word: 'Can be merged' },
  conflict: { shape: 'cross', tone: 'negative', word: 'In conflict' },
  unknown: { shape: 'hourglass', tone: 'neutral', word: 'Being fetched' },
};

export const APPROVAL_NEEDED: StateLook = { shape: 'hand', tone: 'attention', word: 'Approval needed' };
