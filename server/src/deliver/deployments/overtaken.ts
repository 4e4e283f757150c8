import type { Tx } from '../../platform/database.js';
import type { Refusal } from './deployment.js';
import { HOLDING } from './deployment-rows.js';

export type RetriedDeploy = { jobId: string; releaseId: string; environmentId: string };

/**
 * Why a deploy job that retries another comes too late; null: it does not. If a newer release has been deployed there since, it would be a rollback
 * that nobody asked for. A release is newer if it has a higher number and was deployed there since the first try. For a job that deploys what its own
 * run made, whatever a later run made is newer too, because releases get their numbers late. A job that is not a retry is requested now, and is never
 * too late.
 */
export async function overtakenRefusal(tx: Pick<Tx, 'query'>, { jobId, releaseId, environmentId }: RetriedDeploy): Promise<Refusal | null> {
  const [newer] = await tx.query<{ number: number; own: number; environment: string }>(
    `with recursive tries as (
       select id, retry_of, created_at, run_id from jobs where id = $1
       union all select j.id, j.retry_of, j.created_at, j.run_id from jobs j join tries t on j.id = t.retry_of),
     first as (select created_at, run_id from tries where retry_of is null),
     own as (select l.id, l.number, l.repository_id, l.run_id, u.number as run from releases l left join runs u on u.id = l.run_id where l.id = $2)
     select l.number, own.number as own, v.name as environment
     from own cross join first join deployments d on d.environment_id = $3
     join environments v on v.id = d.environment_id join releases l on l.id = d.release_id left join runs u on u.id = l.run_id
     where exists (select 1 from tries where retry_of is not null) and (d.state = 'succeeded' or d.state in (${HOLDING})) and d.kind = 'deploy'
       and l.id <> own.id and d.job_id is distinct from $1
       and ((first.run_id = own.run_id and l.repository_id = own.repository_id and u.number > own.run) or (l.number > own.number and d.created_at > first.created_at))
     order by d.id desc limit 1`,
    [jobId, releaseId, environmentId],
  );
  return newer ? overtaken(newer) : null;
}

const overtaken = ({ number, own, environment }: { number: number; own: number; environment: string }): Refusal => ({
  reason: 'overtaken',
  message: `Release #${number}, which is newer than release #${own} of this job, has been deployed to "${environment}" since. A retry does not bring an old release back: use "Roll back" on the page of "${environment}", or deploy release #${own} there.`,
});
