import type { Tx } from '../../../platform/database.js';

/** A job that a branch rule asks for and that has not succeeded. `state` null: no run of the commit has it. */
export type MissingCheck = { job: string; state: string | null };

/**
 * Which of the jobs have not succeeded in the newest run of a commit. Runs that only deploy, or of a part of the pipeline, don't count. A job that the run skipped
 * has not succeeded.
 */
export async function missingChecks(
  tx: Pick<Tx, 'query'>,
  repositoryId: string,
  sha: string,
  requiredJobs: readonly string[],
): Promise<MissingCheck[]> {
  if (requiredJobs.length === 0) return [];
  const rows = await tx.query<{ name: string; state: string }>(
    `select j.name, j.state from jobs j where j.is_current and j.run_id = (
       select id from runs where repository_id = $1 and (commit_sha = $2 or head_sha = $2) and trigger not in ('deploy', 'rollback') and not partial
       order by number desc limit 1)`,
    [repositoryId, sha],
  );
  const states = new Map(rows.map(({ name, state }) => [name, state]));
  return requiredJobs.map((job) => ({ job, state: states.get(job) ?? null })).filter(({ state }) => state !== 'succeeded');
}
