import { forkOf } from '../fork-rule.js';
import type { PullRequestFacts } from '../pull-request-facts.js';
import { nameOf, type Repository, webAddress } from './repository.js';

/** A pull request as Azure DevOps describes it in lists and events: `GitPullRequest`. It does not contain when it was last changed. */
export type AzurePull = {
  pullRequestId: number;
  title: string;
  status: string;
  createdBy?: { displayName?: string | undefined; uniqueName?: string | undefined } | null | undefined;
  sourceRefName: string;
  targetRefName: string;
  repository: Repository;
  /** Only of one from a fork. null: the fork is gone. */
  forkSource?: { repository?: Repository | null | undefined } | null | undefined;
};

/** @param headSha `lastMergeSourceCommit`: the newest commit that the host has looked at */
export function factsOf(pull: AzurePull, headSha: string): Omit<PullRequestFacts, 'updatedAt'> {
  const { repository: base, forkSource } = pull;
  const source = forkSource === undefined ? base : forkSource?.repository;
  const [sourceBranch, page] = [branchOf(pull.sourceRefName), webAddress(base)];
  const fork = forkOf({ headId: source?.id, baseId: base.id, name: source && nameOf(source), ref: sourceBranch });
  return {
    number: pull.pullRequestId,
    title: pull.title,
    author: pull.createdBy?.displayName ?? pull.createdBy?.uniqueName ?? 'ghost',
    url: page && `${page}/pullrequest/${pull.pullRequestId}`,
    state: pull.status === 'completed' ? 'merged' : pull.status === 'abandoned' ? 'closed' : 'open',
    sourceBranch,
    sourceRepository: fork,
    // The host's ref for a pull request, refs/pull/<number>/merge, is its own merge, so the head is fetched by its branch.
    sourceUrl: fork && source ? webAddress(source) : null,
    baseBranch: branchOf(pull.targetRefName),
    headSha,
  };
}

/** A ref that is not a branch keeps its full name. */
const branchOf = (ref: string): string => ref.replace(/^refs\/heads\//, '');
