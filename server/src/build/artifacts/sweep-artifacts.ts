import type { BlobStore } from '../../platform/blob-store.js';
import type { Database } from '../../platform/database.js';
import { artifactKey, lockDigest } from './artifact-store.js';

const BATCH = 100;
/** Bytes are written before their row: younger ones may still get it. */
const ORPHAN_AGE_MS = 24 * 3600_000;
/** To how many earlier releases an environment can be rolled back. */
const ROLLBACK_RELEASES = 10;

/** Digests that an environment runs, keeps warm, is about to run, or could go back to. */
const KEPT = `
  select r.artifact_digest from environments e join releases r on r.id in (e.current_release_id, e.warm_release_id) where e.state <> 'deleted'
  union
  select r.artifact_digest from environments e
  join lateral (
    select d.release_id from deployments d where d.environment_id = e.id and d.state = 'succeeded' order by d.id desc limit ${ROLLBACK_RELEASES}
  ) past on true join releases r on r.id = past.release_id where e.state <> 'deleted'
  union
  select r.artifact_digest from deployments d join releases r on r.id in (d.release_id, d.previous_release_id)
  where d.state in ('waiting', 'provisioning', 'rolling_out', 'paused', 'verifying', 'rolling_back')`;

/**
 * Deletes artifacts that have been kept long enough, unless a release needs them: rows are marked, and bytes deleted once no
 * living row has their digest. Answers how many rows.
 */
export async function sweepArtifacts(database: Database, blobs: BlobStore, now: Date): Promise<number> {
  let swept = 0;
  for (;;) {
    const rows = await database.query<{ digest: string }>(
      `select distinct digest from artifacts where expires_at < $1 and deleted_at is null and digest not in (${KEPT}) limit ${BATCH}`,
      [now],
    );
    for (const { digest } of rows) swept += await sweepDigest(database, blobs, digest, now);
    if (rows.length < BATCH) return swept;
  }
}

/** Deletes bytes that no row knows: an upload died between the two. */
export async function sweepOrphanedArtifacts(database: Database, blobs: BlobStore, now: Date): Promise<void> {
  for await (const { key, modifiedAt } of blobs.list('artifacts')) {
    if (now.getTime() - modifiedAt.getTime() < ORPHAN_AGE_MS) continue;
    const digest = key.split('/').at(-1) ?? '';
    if (key === artifactKey(digest)) await sweepDigest(database, blobs, digest, now);
  }
}

/** Whether it is still unneeded is asked again under the lock: a new upload or release may have come. */
async function sweepDigest(database: Database, blobs: BlobStore, digest: string, now: Date): Promise<number> {
  return database.transaction(async (tx) => {
    await lockDigest(tx, digest);
    const rows = await tx.query<{ id: string }>(
      `update artifacts set deleted_at = $2 where digest = $1 and expires_at < $2 and deleted_at is null and digest not in (${KEPT}) returning id`,
      [digest, now],
    );
    const [needed] = await tx.query(
      `select 1 from artifacts where digest = $1 and deleted_at is null union all select 1 where $1 in (${KEPT}) limit 1`,
      [digest],
    );
    if (!needed) await blobs.delete(artifactKey(digest));
    return rows.length;
  });
}
