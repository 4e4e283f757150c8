import { shorten } from '@slipway/protocol';
import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { jsonb } from '../../platform/storable.js';
import { lockPullRequest, type PullRequestRow } from './pull-request-rows.js';

/**
 * Allows the commit of a fork to run: that very one, which the caller has looked at. Another commit needs another approval. The run
 * follows when the pull request is settled. Approving again what was approved changes nothing.
 */
export function approvePullRequest(database: Database, id: string, headSha: string, userId: string): Promise<void> {
  return database.transaction(async (tx) => {
    const row = await lockPullRequest(tx, id);
    refuse(row, headSha);
    if (row.approvedSha === headSha) return;
    await tx.query('update pull_requests set approved_sha = $2, approved_by = $3, approved_at = clock_timestamp() where id = $1', [
      id,
      headSha,
      userId,
    ]);
    await tx.query(`insert into history (thing, thing_id, event, by_user, details) values ('pull_request', $1, 'approved', $2, $3)`, [
      id,
      userId,
      jsonb({ headSha }),
    ]);
    tx.changed('repository', row.repositoryId);
  });
}

function refuse({ number, state, isFork, headSha: current }: PullRequestRow, headSha: string): void {
  if (state !== 'open')
    throw new DomainError('conflict', 'pull_request_over', `Pull request #${number} is ${state}, so it no longer runs.`);
  if (!isFork)
    throw new DomainError('conflict', 'approval_not_needed', `Pull request #${number} is not from a fork, so it runs without an approval.`);
  if (headSha !== current)
    throw new DomainError(
      'conflict',
      'pull_request_moved',
      `Pull request #${number} is now at commit ${shorten(current, 10)}, no longer at ${shorten(headSha, 10)}. Look at what is new, then approve that commit.`,
    );
}
