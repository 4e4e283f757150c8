import type { DeployJob } from '../../build/runs/ports.js';
import type { Tx } from '../../platform/database.js';
import type { Refusal } from './deployment.js';

/**
 * Why a run may not create the environment that its deploy job names; null: it may, or the environment exists. Somebody deleted it after the run had
 * begun, so the run does not know that it is no longer wanted. Runs that begin later create it again, because their pipeline still names it.
 */
export async function deletedEnvironmentRefusal(
  tx: Pick<Tx, 'query'>,
  { runId, projectId, spec }: Pick<DeployJob, 'runId' | 'projectId' | 'spec'>,
): Promise<Refusal | null> {
  const name = spec.deploy?.environment ?? '';
  const [deleted] = await tx.query<{ by: string | null; is_deleting: boolean; is_later: boolean }>(
    `select b.name as by, v.state = 'deleting' as is_deleting, h.at < u.created_at as is_later from environments v
     join history h on h.thing = 'environment' and h.thing_id = v.id and h.event = 'deleted' join runs u on u.id = $1 left join users b on b.id = h.by_user
     where v.project_id = $2 and v.name = $3 and (v.state = 'deleting' or (v.state = 'deleted' and h.at >= u.created_at))
       and not exists (select 1 from environments w where w.project_id = $2 and w.name = $3 and w.state = 'active')
     order by h.id desc limit 1`,
    [runId, projectId, name],
  );
  if (!deleted) return null;
  if (deleted.is_later) {
    return {
      reason: 'environment_deleting',
      message: `"${name}" is being deleted right now. Wait until its agent has stopped what runs there, then retry this job: that makes it again.`,
    };
  }
  const who = deleted.by ? ` by ${deleted.by}` : '';
  return {
    reason: 'environment_deleted',
    message: `"${name}" was deleted${who} after this run had begun, so this run does not make it again. Make it again under "Environments" and retry this job, or start a new run.`,
  };
}
