import type { PullRequestFacts } from '../code-hosts/pull-request-facts.js';

export const PULL_REQUEST_STATES = ['open', 'closed', 'merged'] as const;
export type PullRequestState = (typeof PULL_REQUEST_STATES)[number];

/** `unknown`: not made yet, as the commits are still to be fetched. */
export const MERGE_STATES = ['unknown', 'clean', 'conflict'] as const;
export type MergeState = (typeof MERGE_STATES)[number];

/** What is known of a pull request when news of it arrives. */
export type KnownState = { state: PullRequestState; updatedAt: Date };

/**
 * Whether news of a pull request is ignored. Hosts repeat news, send it late and out of order, and their clocks count whole seconds: equally old news
 * counts, but it never reopens what is over. Merged is final.
 */
export function isOldNews(known: KnownState, facts: Pick<PullRequestFacts, 'state' | 'updatedAt'>): boolean {
  const newer = facts.updatedAt.getTime() - known.updatedAt.getTime();
  if (newer < 0 || (known.state === 'merged' && facts.state !== 'merged')) return true;
  return known.state === 'closed' && facts.state === 'open' && newer === 0;
}

type Approval = { isFork: boolean; headSha: string; approvedSha: string | null };

/** The code of a fork runs only after somebody has looked at that very commit. */
export const needsApproval = ({ isFork, headSha, approvedSha }: Approval): boolean => isFork && approvedSha !== headSha;

/** For people, and for the host. */
export function conflictMessage(files: readonly string[]): string {
  if (files.length === 0) return "It can't be merged: it has no commit in common with its base.";
  const more = files.length > MAX_NAMED ? ` and ${files.length - MAX_NAMED} more` : '';
  return `It can't be merged: conflicts in ${files.slice(0, MAX_NAMED).join(', ')}${more}.`;
}

const MAX_NAMED = 5;
