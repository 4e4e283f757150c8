import type { BlobStore } from '../../platform/blob-store.js';
import type { Database } from '../../platform/database.js';

const BATCH = 100;
/** A block is written before its row: younger ones may still get it. */
const ORPHAN_AGE_MS = 24 * 3600_000;

/** Deletes the text of logs that have been kept long enough; their rows stay and say so. Answers how many. */
export async function sweepLogs(database: Database, blobs: BlobStore, now: Date): Promise<number> {
  let swept = 0;
  for (;;) {
    const logs = await database.query<{ id: string; keys: string[] | null }>(
      `select l.attempt_id as id, (select array_agg(b.blob_key) from log_blocks b where b.attempt_id = l.attempt_id) as keys
       from logs l where l.expires_at < $1 and l.deleted_at is null order by l.expires_at limit ${BATCH}`,
      [now],
    );
    for (const { id, keys } of logs) {
      await database.query(
        `with gone as (update logs set deleted_at = $2 where attempt_id = $1) delete from log_blocks where attempt_id = $1`,
        [id, now],
      );
      for (const key of keys ?? []) await blobs.delete(key);
    }
    swept += logs.length;
    if (logs.length < BATCH) return swept;
  }
}

/** Deletes blocks that no row knows: a sealer died before it could note them, or a sweep before it could delete them. */
export async function sweepOrphanedBlocks(database: Database, blobs: BlobStore, now: Date): Promise<number> {
  let swept = 0;
  let batch: string[] = [];
  const sweepBatch = async () => {
    for (const key of await unknownKeys(database, batch)) {
      await blobs.delete(key);
      swept += 1;
    }
    batch = [];
  };
  for await (const { key, modifiedAt } of blobs.list('logs')) {
    if (now.getTime() - modifiedAt.getTime() < ORPHAN_AGE_MS) continue;
    if (batch.push(key) >= BATCH) await sweepBatch();
  }
  await sweepBatch();
  return swept;
}

/** Keys are `logs/<attempt>/…`, so that rows are found by attempt. */
async function unknownKeys(database: Database, keys: string[]): Promise<string[]> {
  const attempts = [...new Set(keys.map((key) => key.split('/')[1] ?? ''))];
  const known = await database.query<{ key: string }>(
    'select blob_key as key from log_blocks where attempt_id::text = any($1) and blob_key = any($2)',
    [attempts, keys],
  );
  const kept = new Set(known.map((row) => row.key));
  return keys.filter((key) => !kept.has(key));
}
