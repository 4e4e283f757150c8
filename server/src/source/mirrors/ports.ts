import type { Tx } from '../../platform/database.js';
import type { HostApi } from '../code-hosts/host-api.js';
import type { HostSoftware } from '../code-hosts/host-kinds.js';

/** A ref to move at the host: created if `oldSha` is all zeros, deleted if `newSha` is. */
export type RefChange = { ref: string; oldSha: string; newSha: string };

export type PullRequestSource = {
  number: number;
  /** Perhaps only its first digits: Bitbucket Cloud does not send more. */
  headSha: string;
  sourceBranch: string;
  /** Where the source branch is if it is in another repository, for hosts without a ref for pull requests. */
  sourceUrl: string | null;
};

/** What other rooms use of mirrors, which are copies here of repositories at code hosts. */
export interface Mirrors {
  /**
   * Requests a fetch of what is new at the host, inside the caller's transaction. May be repeated; requests until a fetch begins share it. Does
   * nothing for hosted repositories.
   */
  requestFetch(tx: Tx, repositoryId: string): Promise<void>;
  /**
   * Resolves when everything that was at the host at the time of the call is here, including its rows.
   * @throws DomainError that says why it can't be fetched
   */
  fetchNow(repositoryId: string): Promise<void>;
  /**
   * Fetches the head of a pull request into refs/slipway/pulls/<number>/head.
   * @returns its full sha
   * @throws DomainError, also when the head has changed in the meantime
   */
  fetchPullRequestHead(repositoryId: string, source: PullRequestSource): Promise<string>;
  /** Moves refs at the host, all or none, each only from its old sha, and then here. @throws DomainError */
  push(repositoryId: string, changes: readonly RefChange[]): Promise<void>;
  /** null: the repository is hosted here, its host has no known API, or there is no credential for it. */
  hostApi(repositoryId: string): Promise<HostApi | null>;
  /** Key of the host's webhook signatures; null for hosted repositories. */
  webhookSecret(repositoryId: string): Promise<{ host: HostSoftware; secret: string } | null>;
}
