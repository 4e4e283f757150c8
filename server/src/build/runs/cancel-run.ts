import { userMay } from '../../people/access/user-may.js';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { requestJobStop } from '../jobs/stop-job.js';
import type { DeployGate } from './ports.js';
import { currentJobs, progressRun } from './progress-run.js';

/** Stops every job of a run that is not over. Asked again, it changes nothing. */
export function cancelRun(deps: { database: Database; gate: DeployGate }, runId: string, userId: string): Promise<void> {
  return deps.database.transaction(async (tx) => {
    const [run] = await tx.query<{ id: string }>('select id from runs where id = $1 for update', [runId]);
    if (!run) throw notFound('run', runId);
    const [user] = await tx.query<{ name: string }>('select name from users where id = $1', [userId]);
    await checkMayUndo(tx, runId, userId);
    for (const job of await currentJobs(tx, runId)) {
      await requestJobStop(tx, deps.gate, job, `Cancelled by ${user?.name ?? 'a user'}.`, { userId });
    }
    await progressRun(tx, runId, deps.gate);
  });
}

/** What a deploy job has begun is taken back, which changes what serves as much as deploying does. */
async function checkMayUndo(tx: Tx, runId: string, userId: string): Promise<void> {
  const [deploying] = await tx.query<{ name: string; projectId: string }>(
    `select j.name, j.project_id as "projectId" from jobs j join deployments d on d.job_id = j.id
     where j.run_id = $1 and j.is_current and d.rollout is not null and d.finished_at is null limit 1`,
    [runId],
  );
  if (!deploying || (await userMay(tx, userId, 'deployment.create', deploying.projectId))) return;
  throw new DomainError(
    'forbidden',
    'forbidden',
    `"${deploying.name}" is deploying right now, and your role in this project does not allow you to stop that (deployment.create). Ask a deployer, or wait until it is over.`,
  );
}
