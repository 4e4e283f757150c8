import { isDeepStrictEqual } from 'node:util';
import type { AppSpec } from '../../build/pipelines/pipeline.js';
import type { Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { jsonb } from '../../platform/storable.js';
import { RELEASE_COLUMNS, type ReleaseRow } from './release.js';

/** Serialises the numbers of a project's releases; the second key is the project. */
const NUMBER_LOCK = 7_304;

type Place = { projectId: string; repositoryId: string; commitSha: string; branch: string };

/**
 * The release that a run's deploy job is for: its artifact as the newest jobs of the run made it. Several deploy jobs of one run,
 * and retries, share it. undefined: the run has no such artifact.
 */
export async function releaseOfRun(tx: Tx, runId: string, app: AppSpec): Promise<ReleaseRow | undefined> {
  const [artifact] = await tx.query<{ digest: string; size: string }>(
    `select a.digest, a.size from artifacts a join jobs j on j.id = a.job_id
     where a.run_id = $1 and a.name = $2 and j.is_current and j.state = 'succeeded' and a.deleted_at is null order by a.created_at desc, a.id desc limit 1`,
    [runId, app.artifact],
  );
  const [run] = await tx.query<Place>(
    `select project_id as "projectId", repository_id as "repositoryId", commit_sha as "commitSha", branch from runs where id = $1`,
    [runId],
  );
  if (!artifact || !run) return undefined;
  await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [NUMBER_LOCK, run.projectId]);
  const there = await tx.query<ReleaseRow>(`select ${RELEASE_COLUMNS} from releases where run_id = $1 and artifact_digest = $2`, [
    runId,
    artifact.digest,
  ]);
  return there.find((release) => isDeepStrictEqual(release.app, app)) ?? insertRelease(tx, runId, run, artifact, app);
}

async function insertRelease(
  tx: Tx,
  runId: string,
  run: Place,
  artifact: { digest: string; size: string },
  app: AppSpec,
): Promise<ReleaseRow> {
  const [release] = await tx.query<ReleaseRow>(
    `insert into releases (id, project_id, repository_id, run_id, number, commit_sha, branch, artifact_digest, artifact_size, app)
     select $1, $2, $3, $4, coalesce(max(number), 0) + 1, $5, $6, $7, $8, $9 from releases where project_id = $2 returning ${RELEASE_COLUMNS}`,
    [newId(), run.projectId, run.repositoryId, runId, run.commitSha, run.branch, artifact.digest, artifact.size, jsonb(app)],
  );
  if (!release) throw new Error(`No release was made of run ${runId}.`);
  tx.changed('project', run.projectId);
  return release;
}
