import { requestJobStop } from '../../build/jobs/stop-job.js';
import type { DeployGate } from '../../build/runs/ports.js';
import { currentJobs, progressRun } from '../../build/runs/progress-run.js';
import type { Database, Tx } from '../../platform/database.js';
import { lockPullRequest, type PullRequestRow } from './pull-request-rows.js';

/** A run `r` that goes on for a pull request `p` that is over, or for a head or base that it no longer has; and is not being stopped yet. */
export const SUPERSEDED = /* sql */ `r.state in ('pending', 'running')
  and (p.state <> 'open' or r.head_sha <> p.head_sha
    or exists (select from pull_request_builds d where d.run_id = r.id and d.base_branch <> p.base_branch))
  and exists (select from jobs j where j.run_id = r.id and j.is_current and j.state in ('waiting', 'queued', 'assigned', 'running'))`;

/**
 * Stops the runs that nobody waits for any more, each in a transaction of its own. What they were to decide is open again: should the pull
 * request come back to that head, it is built anew. Asked again, it changes nothing.
 */
export async function cancelSuperseded(deps: { database: Database; gate: DeployGate }, pullRequestId: string): Promise<void> {
  const runs = await deps.database.query<{ id: string }>(
    `select r.id from pull_requests p join runs r on r.pull_request_id = p.id where p.id = $1 and ${SUPERSEDED}`,
    [pullRequestId],
  );
  for (const { id } of runs) {
    await deps.database.transaction(async (tx) => {
      const pullRequest = await lockPullRequest(tx, pullRequestId);
      if (await lockSuperseded(tx, id)) await stop(tx, deps.gate, id, pullRequest);
    });
  }
}

async function lockSuperseded(tx: Tx, runId: string): Promise<boolean> {
  const rows = await tx.query(
    `select r.id from runs r join pull_requests p on p.id = r.pull_request_id where r.id = $1 and ${SUPERSEDED} for update of r`,
    [runId],
  );
  return rows.length > 0;
}

async function stop(tx: Tx, gate: DeployGate, runId: string, { number, state }: PullRequestRow): Promise<void> {
  const message = state === 'open' ? `Pull request #${number} has a newer commit.` : `Pull request #${number} is ${state}.`;
  for (const job of await currentJobs(tx, runId)) await requestJobStop(tx, gate, job, message, {}, 'superseded');
  await progressRun(tx, runId, gate);
  await tx.query('delete from pull_request_builds where run_id = $1', [runId]);
}
