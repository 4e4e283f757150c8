import type { Tx } from '../../platform/database.js';

/** What other rooms report to the code host about a commit. */
export interface CommitStatuses {
  /** Inside the caller's transaction: the head of a pull request can't be built. May be repeated. */
  wantConflict(tx: Tx, of: { repositoryId: string; headSha: string; message: string }): Promise<void>;
}
