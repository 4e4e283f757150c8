import type { Database } from '../../platform/database.js';
import { notFound } from '../../platform/errors.js';
import { requestJobStop } from '../jobs/stop-job.js';
import type { DeployGate } from './ports.js';
import { currentJobs, progressRun } from './progress-run.js';

/** Stops every job of a run that is not over. Asked again, it changes nothing. */
export function cancelRun(deps: { database: Database; gate: DeployGate }, runId: string, userId: string): Promise<void> {
  return deps.database.transaction(async (tx) => {
    const [run] = await tx.query<{ id: string }>('select id from runs where id = $1 for update', [runId]);
    if (!run) throw notFound('run', runId);
    const [user] = await tx.query<{ name: string }>('select name from users where id = $1', [userId]);
    for (const job of await currentJobs(tx, runId)) {
      await requestJobStop(tx, deps.gate, job, `Cancelled by ${user?.name ?? 'a user'}.`, { userId });
    }
    await progressRun(tx, runId, deps.gate);
  });
}
