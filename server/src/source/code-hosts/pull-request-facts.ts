/** A pull (or merge) request as its host describes it. */
export type PullRequestFacts = {
  number: number;
  title: string;
  author: string;
  /** Page at the host. */
  url: string | null;
  state: 'open' | 'closed' | 'merged';
  sourceBranch: string;
  /** owner/name when the source branch is in another repository. */
  sourceRepository: string | null;
  /** To fetch from; only needed where the host has no ref for pull requests. */
  sourceUrl: string | null;
  baseBranch: string;
  /** Perhaps only its first digits: Bitbucket Cloud does not send more. */
  headSha: string;
  /** When it was last changed at the host; facts that are older than the known ones are ignored. */
  updatedAt: Date;
};
