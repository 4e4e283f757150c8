import { shorten } from '@slipway/protocol';
import type { BlobStore } from '../../platform/blob-store.js';
import type { Database, Row, Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { ARTIFACT_NAME, ARTIFACT_NAME_RULE } from './artifact-name.js';

/** Whose artifact it is. */
export type ArtifactOwner = { attemptId: string; jobId: string; runId: string; projectId: string };

export type ArtifactView = {
  id: string;
  jobId: string;
  name: string;
  digest: string;
  size: number;
  createdAt: Date;
  deletedAt: Date | null;
};

export type StoreArtifact = { owner: ArtifactOwner; name: string; digest: string; content: AsyncIterable<Uint8Array> };

export const DIGEST = /^[0-9a-f]{64}$/;

export const artifactKey = (digest: string) => `artifacts/${shorten(digest, 2)}/${digest}`;

/** Held by whoever makes or deletes a row or the bytes of one digest, until the transaction ends. */
export const lockDigest = (tx: Tx, digest: string): Promise<Row[]> =>
  tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 41))`, [digest]);

const COLUMNS = `id, job_id as "jobId", name, digest, size::float8 as size, created_at as "createdAt", deleted_at as "deletedAt"`;

/** Artifacts: rows by job and name, bytes once for each digest. */
export class ArtifactStore {
  constructor(
    private readonly database: Database,
    private readonly blobs: BlobStore,
    private readonly limits: { maxBytes: number; keepDays: number },
  ) {}

  /**
   * Bytes first, checked against size and digest, then the row. Storing the same again answers the same; other bytes under a
   * name that the attempt has used are refused.
   */
  async store({ owner, name, digest, content }: StoreArtifact): Promise<{ id: string; size: number }> {
    checkName(name);
    checkDigest(digest);
    const { size } = await this.blobs.put(artifactKey(digest), content, { maxBytes: this.limits.maxBytes, sha256: digest });
    return this.database.transaction(async (tx) => {
      await lockDigest(tx, digest);
      if (!(await this.blobs.facts(artifactKey(digest)))) throw sweptMeanwhile(name);
      const [row] = await tx.query<{ id: string; digest: string }>(
        `insert into artifacts (id, project_id, run_id, job_id, attempt_id, name, digest, size, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp() + make_interval(days => $9))
         on conflict (attempt_id, name) do update set name = excluded.name returning id, digest`,
        [newId(), owner.projectId, owner.runId, owner.jobId, owner.attemptId, name, digest, size, this.limits.keepDays],
      );
      if (row?.digest !== digest) throw nameTaken(name);
      tx.changed('job', owner.jobId);
      tx.changed('run', owner.runId);
      return { id: row.id, size };
    });
  }

  async ofJobs(jobIds: readonly string[]): Promise<ArtifactView[]> {
    return this.database.query<ArtifactView>(
      `select ${COLUMNS} from artifacts a where job_id = any($1)
         and attempt_id = (select id from attempts t where t.job_id = a.job_id order by number desc limit 1) order by name`,
      [jobIds],
    );
  }

  async byId(id: string): Promise<ArtifactView | null> {
    const [row] = await this.database.query<ArtifactView>(`select ${COLUMNS} from artifacts where id = $1`, [id]);
    return row ?? null;
  }

  async isOfRun(runId: string, digest: string): Promise<boolean> {
    const rows = await this.database.query('select 1 from artifacts where run_id = $1 and digest = $2 and deleted_at is null limit 1', [
      runId,
      digest,
    ]);
    return rows.length > 0;
  }
}

function checkName(name: string): void {
  if (ARTIFACT_NAME.test(name)) return;
  throw new DomainError('bad_input', 'bad_artifact_name', `This can't be the name of an artifact. Use ${ARTIFACT_NAME_RULE}.`);
}

export function checkDigest(digest: string): void {
  if (DIGEST.test(digest)) return;
  throw new DomainError('bad_input', 'bad_digest', 'The digest must be the SHA-256 of the bytes as 64 lower-case hexadecimal digits.');
}

const nameTaken = (name: string) =>
  new DomainError(
    'conflict',
    'artifact_name_taken',
    `This attempt has already stored different bytes as "${name}". Artifacts never change; use another name.`,
  );

const sweptMeanwhile = (name: string) =>
  new DomainError(
    'unavailable',
    'artifact_swept',
    `The bytes of "${name}" were deleted while they were being stored. Nothing was kept. Send them again.`,
  );
