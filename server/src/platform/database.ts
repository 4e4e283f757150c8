import { DataSource, type EntityManager, type EntityTarget, type ObjectLiteral, type Repository } from 'typeorm';

export type Row = Record<string, unknown>;

/**
 * One transaction. State, history and what others must be told go in together; the relay is woken by the commit.
 */
export interface Tx {
  /** Rows of one SQL statement; parameters as $1, $2, … */
  query<T extends Row>(sql: string, parameters?: unknown[]): Promise<T[]>;
  readonly manager: EntityManager;
  /** To a JetStream subject, with acknowledgement; `messageId` makes a repetition harmless. */
  publish(subject: string, payload: unknown, messageId: string): void;
  /** To a core NATS subject: at most once, for hints that something else repeats. */
  tell(subject: string, payload: unknown): void;
  /** "This thing changed, read it again": fans out to every server's subscriptions after the commit. */
  changed(thing: ChangedThing, id: string): void;
  /** Runs after the commit, never after a rollback. For waking local loops; what must not be lost goes into the outbox. */
  afterCommit(action: () => void): void;
}

/** Things that subscriptions watch. `project` changes when anything listed on a project's page does; `queue` when a job may be assigned. */
export type ChangedThing = 'project' | 'repository' | 'run' | 'job' | 'environment' | 'deployment' | 'agent' | 'log' | 'queue';

type OutboxRow = { kind: 'jetstream' | 'core'; subject: string; payload: unknown; messageId: string | null };

/** Postgres, through TypeORM's pool. The only truth; everything else can be made again from it. */
export class Database {
  private readonly committed = new Set<() => void>();

  constructor(readonly source: DataSource) {}

  /** Called after every commit that left something in the outbox. */
  onOutbox(listener: () => void): () => void {
    this.committed.add(listener);
    return () => this.committed.delete(listener);
  }

  query<T extends Row>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return rowsOf<T>(this.source.manager, sql, parameters);
  }

  repository<T extends ObjectLiteral>(entity: EntityTarget<T>): Repository<T> {
    return this.source.getRepository(entity);
  }

  /** Read committed. Rolled back when `work` throws; nothing is sent then. */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const outbox: OutboxRow[] = [];
    const changes = new Map<string, OutboxRow>();
    const after: (() => void)[] = [];
    const result = await this.source.transaction(async (manager) => {
      const answer = await work({
        manager,
        query: (sql, parameters = []) => rowsOf(manager, sql, parameters),
        publish: (subject, payload, messageId) => outbox.push({ kind: 'jetstream', subject, payload, messageId }),
        tell: (subject, payload) => outbox.push({ kind: 'core', subject, payload, messageId: null }),
        changed: (thing, id) =>
          changes.set(`${thing}.${id}`, { kind: 'core', subject: `changed.${thing}.${id}`, payload: {}, messageId: null }),
        afterCommit: (action) => after.push(action),
      });
      outbox.push(...changes.values());
      if (outbox.length > 0) await insertOutbox(manager, outbox);
      return answer;
    });
    if (outbox.length > 0) for (const listener of this.committed) listener();
    for (const action of after) action();
    return result;
  }
}

async function insertOutbox(manager: EntityManager, rows: OutboxRow[]): Promise<void> {
  await manager.query(
    `insert into outbox (kind, subject, payload, message_id)
     select * from unnest($1::text[], $2::text[], $3::jsonb[], $4::text[])`,
    [rows.map((r) => r.kind), rows.map((r) => r.subject), rows.map((r) => JSON.stringify(r.payload)), rows.map((r) => r.messageId)],
  );
}

/** TypeORM answers UPDATE and DELETE with [rows, count]; every caller here wants the rows. */
async function rowsOf<T extends Row>(manager: EntityManager, sql: string, parameters: unknown[]): Promise<T[]> {
  const answer = await manager.query(sql, parameters);
  if (answer.length === 2 && Array.isArray(answer[0]) && typeof answer[1] === 'number') return answer[0] as T[];
  return answer as T[];
}
