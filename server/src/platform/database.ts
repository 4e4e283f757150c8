import type { DataSource, EntityManager } from 'typeorm';
import { jsonb, storableParameters } from './storable.js';

export type Row = Record<string, unknown>;

/** One transaction. State, history and messages for others are committed together; the commit wakes the relay. */
export interface Tx {
  /** Rows of one SQL statement; parameters as $1, $2, …; objects for jsonb go through jsonb(). */
  query<T extends Row>(sql: string, parameters?: unknown[]): Promise<T[]>;
  /** Publishes to a JetStream subject, with acknowledgement; `messageId` makes a repetition harmless. */
  publish(subject: string, payload: unknown, messageId: string): void;
  /** Publishes to a core NATS subject: at most once, for hints that something else repeats. */
  tell(subject: string, payload: unknown): void;
  /** "This thing changed, read it again": notifies the subscriptions of every server after the commit. */
  changed(thing: ChangedThing, id: string): void;
  /** Runs after the commit, never after a rollback. For waking local loops; what must not be lost goes into the outbox. */
  afterCommit(action: () => void): void;
}

/**
 * Things that subscriptions can watch. `project` changes when anything listed on the page of a project does; `queue` when a job can be assigned;
 * `user` when sessions, tokens or roles of somebody change.
 */
export type ChangedThing = 'user' | 'project' | 'repository' | 'run' | 'job' | 'environment' | 'deployment' | 'agent' | 'log' | 'queue';

type OutboxRow = { kind: 'jetstream' | 'core'; subject: string; payload: unknown; messageId: string | null };

/** Writes consequences of changed things in the same transaction. `ids` are sorted and without duplicates. */
export type CommittingListener = (tx: Tx, ids: readonly string[]) => Promise<void>;

/** Postgres, through TypeORM's pool. It is the only truth; everything else can be recreated from it. */
export class Database {
  private readonly committed = new Set<() => void>();
  private readonly changedListeners = new Set<(key: string) => void>();
  private readonly committingListeners = new Map<ChangedThing, CommittingListener>();

  constructor(readonly source: DataSource) {}

  /** Called after every commit that put something into the outbox. */
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
   * Called at the end of every transaction that changed such things, before it commits; if it throws, nothing is committed. Use it for what must
   * never miss a change, such as state that is reported to others. Each thing has at most one listener.
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
   * Isolation level read committed. If `work` throws, the transaction is rolled back and nothing is sent. If Postgres ends it to resolve a deadlock,
   * `work` runs again from the start, so it must have no effects except through `tx`.
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
