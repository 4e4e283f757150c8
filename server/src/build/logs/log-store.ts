import type { Database, Tx } from '../../platform/database.js';
import { isSetAside, setAside } from '../../platform/dead-letters.js';
import type { LogAttempt, SealedState } from './log-tail.js';

export const SEALER_LEASE_MS = 15_000;

export type LogFacts = { attempt: LogAttempt; sealed: SealedState; complete: boolean; deleted: boolean };
export type BlockRef = { block: number; firstLine: number; lines: number; blobKey: string };

/** How the attempt stands that a log belongs to. `endedMs`: since when; null while it goes on. */
export type AttemptStanding = { endedMs: number | null; lastChunk: number | null };

export type SealedPortion = {
  before: SealedState;
  after: SealedState;
  complete: boolean;
  /** Null when there is nothing but the end to note. */
  block: { firstLine: number; lines: number; rawBytes: number; storedBytes: number; blobKey: string } | null;
};

/** Rows of logs. Every question is one statement. */
export class LogStore {
  constructor(private readonly database: Database) {}

  async open(tx: Tx, attemptId: string, agentId: string): Promise<void> {
    await tx.query('insert into logs (attempt_id, agent_id) values ($1, $2) on conflict do nothing', [attemptId, agentId]);
    tx.changed('log', attemptId);
  }

  async facts(attemptId: string): Promise<LogFacts | null> {
    const [row] = await this.database.query<FactsRow>(
      `select l.agent_id, l.sealed_chunks, l.sealed_lines, l.sealed_seq, l.complete, l.deleted_at is not null as deleted, a.number, a.key
       from logs l join attempts a on a.id = l.attempt_id where l.attempt_id = $1`,
      [attemptId],
    );
    if (!row) return null;
    const attempt = { attemptId, agentId: row.agent_id, number: Number(row.number), key: row.key };
    return { attempt, sealed: sealedOf(row), complete: row.complete, deleted: row.deleted };
  }

  /** Blocks that hold lines from `line` on, and the one that ends right before it: its last marks may belong to it. */
  blocks(attemptId: string, line: number, limit: number): Promise<BlockRef[]> {
    return this.database.query<BlockRef>(
      `select block, first_line as "firstLine", lines, blob_key as "blobKey" from log_blocks
       where attempt_id = $1 and first_line + lines >= $2 order by block limit $3`,
      [attemptId, line, limit],
    );
  }

  /** The attempt whose log stands for a job: its newest. `over`: none will follow. */
  async newestAttempt(jobId: string): Promise<{ attemptId: string | null; over: boolean } | null> {
    const [row] = await this.database.query<{ attemptId: string | null; over: boolean }>(
      `select (select id from attempts a where a.job_id = j.id order by number desc limit 1) as "attemptId", j.finished_at is not null as over
       from jobs j where j.id = $1`,
      [jobId],
    );
    return row ?? null;
  }

  async belongsTo(attemptId: string, jobId: string): Promise<boolean> {
    const rows = await this.database.query('select 1 from attempts where id = $1 and job_id = $2', [attemptId, jobId]);
    return rows.length > 0;
  }

  /** Null when another server seals it, or it is complete. */
  async takeLease(attemptId: string, sealerId: string): Promise<(AttemptStanding & { sealed: SealedState }) | null> {
    const [row] = await this.database.query<FactsRow & StandingRow>(
      `update logs l set sealer_id = $2, sealer_until = clock_timestamp() + interval '${SEALER_LEASE_MS} ms' from attempts a
       where l.attempt_id = $1 and a.id = l.attempt_id and not l.complete
         and (l.sealer_id = $2 or l.sealer_until is null or l.sealer_until < clock_timestamp())
       returning l.sealed_chunks, l.sealed_lines, l.sealed_seq, a.last_chunk,
         extract(epoch from clock_timestamp() - a.ended_at) * 1000 as ended_ms`,
      [attemptId, sealerId],
    );
    return row ? { sealed: sealedOf(row), lastChunk: row.last_chunk, endedMs: row.ended_ms === null ? null : Number(row.ended_ms) } : null;
  }

  async giveLeaseBack(sealerId: string): Promise<void> {
    await this.database.query('update logs set sealer_until = null where sealer_id = $1 and not complete', [sealerId]);
  }

  /** Open logs that nobody seals. */
  async unattended(limit: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `select attempt_id as id from logs where not complete and (sealer_until is null or sealer_until < clock_timestamp())
         and not ${isSetAside('log', 'attempt_id::text')} order by created_at limit $1`,
      [limit],
    );
    return rows.map((row) => row.id);
  }

  /** It is no longer sealed automatically. */
  async setAside(attemptId: string, error: unknown, tries: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      const [job] = await tx.query<{ name: string; projectId: string }>(
        `update logs l set sealer_until = null from attempts a join jobs j on j.id = a.job_id where l.attempt_id = $1 and a.id = l.attempt_id
         returning j.name, j.project_id as "projectId"`,
        [attemptId],
      );
      if (job)
        await setAside(tx, { kind: 'log', key: attemptId, about: `Log of job "${job.name}"`, projectId: job.projectId }, error, tries);
    });
  }

  /** Where sealing stands, of logs that another server seals. */
  async sealed(attemptIds: string[]): Promise<Map<string, SealedState>> {
    const rows = await this.database.query<FactsRow & { attempt_id: string }>(
      'select attempt_id, sealed_chunks, sealed_lines, sealed_seq from logs where attempt_id = any($1)',
      [attemptIds],
    );
    return new Map(rows.map((row) => [row.attempt_id, sealedOf(row)]));
  }

  /** False when the lease went to another, or something else was sealed meanwhile: then nothing has changed. */
  async noteSealed(attemptId: string, sealerId: string, portion: SealedPortion, keepDays: number): Promise<boolean> {
    const { before, after, complete, block } = portion;
    const rows = await this.database.query<{ attempt_id: string }>(
      `with moved as (
         update logs set sealed_chunks = $4, sealed_lines = $5, sealed_seq = $6, sealed_bytes = sealed_bytes + coalesce($11, 0), complete = $7,
           sealer_until = clock_timestamp() + interval '${SEALER_LEASE_MS} ms',
           expires_at = case when $7 then clock_timestamp() + make_interval(days => $13) end
         where attempt_id = $1 and sealer_id = $2 and sealed_chunks = $3 and not complete returning attempt_id),
       block as (
         insert into log_blocks (attempt_id, block, first_line, lines, first_chunk, chunks, raw_bytes, stored_bytes, blob_key)
         select m.attempt_id, (select coalesce(max(b.block) + 1, 0) from log_blocks b where b.attempt_id = $1),
           $8::int, $9::int, $3::int, $4::int - $3::int, $11::int, $12::int, $10::text
         from moved m where $10::text is not null)
       select attempt_id from moved`,
      [
        attemptId,
        sealerId,
        before.chunks,
        after.chunks,
        after.lines,
        after.seq,
        complete,
        block?.firstLine ?? null,
        block?.lines ?? null,
        block?.blobKey ?? null,
        block?.rawBytes ?? null,
        block?.storedBytes ?? null,
        keepDays,
      ],
    );
    return rows.length > 0;
  }
}

type FactsRow = {
  agent_id: string;
  sealed_chunks: number;
  sealed_lines: number;
  sealed_seq: string;
  complete: boolean;
  deleted: boolean;
  number: string;
  key: Buffer;
};
type StandingRow = { last_chunk: number | null; ended_ms: string | number | null };

const sealedOf = (row: Pick<FactsRow, 'sealed_chunks' | 'sealed_lines' | 'sealed_seq'>): SealedState => ({
  chunks: row.sealed_chunks,
  lines: row.sealed_lines,
  seq: Number(row.sealed_seq),
});
