import type { PullRequestFacts } from '../code-hosts/pull-request-facts.js';

export interface PullRequests {
  /**
   * A host has news of a pull request. May be repeated, and may come late: a run is started once for each pair of head and base.
   * @returns what it caused, in a sentence for people
   */
  changed(repositoryId: string, facts: PullRequestFacts): Promise<string>;
}
