import type { DataSource, EntityManager } from 'typeorm';
import { jsonb, storableParameters } from './storable.js';

export type Row = Record<string, unknown>;

/**
 * One transaction. State, history and what others must be told go in together; the relay is woken by the commit.
 */
export interface Tx {
  /** Rows of one SQL statement; parameters as $1, $2, …; objects for jsonb go through jsonb(). */
  query<T extends Row>(sql: string, parameters?: unknown[]): Promise<T[]>;
  /** To a JetStream subject, with acknowledgement; `messageId` makes a repetition harmless. */
  publish(subject: string, payload: unknown, messageId: string): void;
  /** To a core NATS subject: at most once, for hints that something else repeats. */
  tell(subject: string, payload: unknown): void;
  /** "This thing changed, read it again": fans out to every server's subscriptions after the commit. */
  changed(thing: ChangedThing, id: string): void;
  /** Runs after the commit, never after a rollback. For waking local loops; what must not be lost goes into the outbox. */
  afterCommit(action: () => void): void;
}

/** Things that subscriptions watch. `project` changes when anything listed on a project's page does; `queue` when a job may be assigned; `user` when somebody's sessions, tokens or roles do. */
export type ChangedThing = 'user' | 'project' | 'repository' | 'run' | 'job' | 'environment' | 'deployment' | 'agent' | 'log' | 'queue';

type OutboxRow = { kind: 'jetstream' | 'core'; subject: string; payload: unknown; messageId: string | null };

/** Writes what follows from things that changed, in the same transaction. `ids` are without repetition, in order. */
export type CommittingListener = (tx: Tx, ids: readonly string[]) => Promise<void>;

/** Postgres, through TypeORM's pool. The only truth; everything else can be made again from it. */
export class Database {
  private readonly committed = new Set<() => void>();
  private readonly changedListeners = new Set<(key: string) => void>();
  private readonly committingListeners = new Map<ChangedThing, CommittingListener>();

  constructor(readonly source: DataSource) {}

  /** Called after every commit that left something in the outbox. */
  onOutbox(listener: () => void): () => void {
    this.committed.add(listener);
    return () => this.committed.delete(listener);
  }

  /** Called after every commit, once for each `<thing>.<id>` it changed. */
  onChanged(listener: (key: string) => void): () => void {
    this.changedListeners.add(listener);
    return () => this.changedListeners.delete(listener);
  }

  /**
   * Called at the end of every transaction that changed such things, before it commits; when it throws, nothing is committed. For what must
   * never miss a change, as the state that others are told of. One listener for each thing.
   */
  onCommitting(thing: ChangedThing, listener: CommittingListener): () => void {
    if (this.committingListeners.has(thing)) throw new Error(`Changes of a ${thing} are followed already.`);
    this.committingListeners.set(thing, listener);
    return () => this.committingListeners.delete(thing);
  }

  query<T extends Row>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return rowsOf<T>(this.source.manager, sql, parameters);
  }

  /**
   * Read committed. Rolled back when `work` throws; nothing is sent then. `work` is run again from the start when Postgres
   * ended it to resolve a deadlock, so it has no effects of its own but through `tx`.
   */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const effects = new Effects();
      try {
        const result = await this.source.transaction(async (manager) => {
          const tx = effects.txOn(manager);
          const answer = await work(tx);
          for (const [thing, listener] of this.committingListeners) await effects.tellOf(thing, (ids) => listener(tx, ids));
          await effects.store(manager);
          return answer;
        });
        this.tell(effects);
        return result;
      } catch (error) {
        if (tries === MAX_TRIES || !isDeadlock(error)) throw error;
      }
    }
  }

  private tell(effects: Effects): void {
    if (!effects.empty) for (const listener of this.committed) listener();
    for (const key of effects.changes) for (const listener of this.changedListeners) listener(key);
    for (const action of effects.after) action();
  }
}

const MAX_TRIES = 4;

function isDeadlock(error: unknown): boolean {
  const code = (error as { code?: string; driverError?: { code?: string } }).driverError?.code ?? (error as { code?: string }).code;
  return code === '40P01' || code === '40001';
}

/** What a transaction leaves to be done once it is committed. */
class Effects {
  readonly changes = new Set<string>();
  readonly after: (() => void)[] = [];
  private readonly outbox: OutboxRow[] = [];

  get empty(): boolean {
    return this.outbox.length === 0 && this.changes.size === 0;
  }

  txOn(manager: EntityManager): Tx {
    return {
      query: (sql, parameters = []) => rowsOf(manager, sql, parameters),
      publish: (subject, payload, messageId) => this.outbox.push({ kind: 'jetstream', subject, payload, messageId }),
      tell: (subject, payload) => this.outbox.push({ kind: 'core', subject, payload, messageId: null }),
      changed: (thing, id) => this.changes.add(`${thing}.${id}`),
      afterCommit: (action) => this.after.push(action),
    };
  }

  async tellOf(thing: ChangedThing, listener: (ids: readonly string[]) => Promise<void>): Promise<void> {
    const ids = [...this.changes].filter((key) => key.startsWith(`${thing}.`)).map((key) => key.slice(thing.length + 1));
    if (ids.length > 0) await listener(ids.sort());
  }

  async store(manager: EntityManager): Promise<void> {
    const changed = [...this.changes].map((key) => ({ kind: 'core' as const, subject: `changed.${key}`, payload: {}, messageId: null }));
    const rows = [...this.outbox, ...changed];
    if (rows.length > 0) await insertOutbox(manager, rows);
  }
}

async function insertOutbox(manager: EntityManager, rows: OutboxRow[]): Promise<void> {
  await rowsOf(
    manager,
    `insert into outbox (kind, subject, payload, message_id)
     select * from unnest($1::text[], $2::text[], $3::jsonb[], $4::text[])`,
    [rows.map((r) => r.kind), rows.map((r) => r.subject), rows.map((r) => jsonb(r.payload)), rows.map((r) => r.messageId)],
  );
}

/** Every statement goes through here. TypeORM answers UPDATE and DELETE with [rows, count]; every caller here wants the rows. */
async function rowsOf<T extends Row>(manager: EntityManager, sql: string, parameters: unknown[]): Promise<T[]> {
  const answer = await manager.query(sql, storableParameters(parameters));
  if (answer.length === 2 && Array.isArray(answer[0]) && typeof answer[1] === 'number') return answer[0] as T[];
  return answer as T[];
}
