import type { Tx } from '../../platform/database.js';
import type { HostApi } from '../code-hosts/host-api.js';
import type { HostSoftware } from '../code-hosts/host-kinds.js';

/** A ref that is to move at the host: made when `oldSha` is all zeros, deleted when `newSha` is. */
export type RefChange = { ref: string; oldSha: string; newSha: string };

export type PullRequestSource = {
  number: number;
  /** Perhaps only its first digits: Bitbucket Cloud tells no more. */
  headSha: string;
  sourceBranch: string;
  /** Where the source branch is when it is not in the repository itself, for hosts that offer no ref for pull requests. */
  sourceUrl: string | null;
};

/** What other rooms ask of mirrors: the copies here of repositories at code hosts. */
export interface Mirrors {
  /** Inside the caller's transaction: what is new at the host is wanted. May be repeated; requests until a fetch begins share it. Does nothing for hosted repositories. */
  requestFetch(tx: Tx, repositoryId: string): Promise<void>;
  /** Resolves when everything that was at the host at the call is here, as rows too. @throws DomainError that says why it can't be had */
  fetchNow(repositoryId: string): Promise<void>;
  /** Brings a pull request's head into refs/slipway/pulls/<number>/head. @returns its whole sha @throws DomainError; also when the head is another by now */
  fetchPullRequestHead(repositoryId: string, source: PullRequestSource): Promise<string>;
  /** Moves refs at the host, all or none, each only from its old sha, and then here. @throws DomainError */
  push(repositoryId: string, changes: readonly RefChange[]): Promise<void>;
  /** null: hosted here, no API known, or no credential for it. */
  hostApi(repositoryId: string): Promise<HostApi | null>;
  /** Key of the host's webhook signatures; null for hosted repositories. */
  webhookSecret(repositoryId: string): Promise<{ host: HostSoftware; secret: string } | null>;
}
