import type { Logger } from 'pino';
import type { Database } from './database.js';
import { Rounds } from './rounds.js';

export type OutboxMessage = { id: string; kind: 'jetstream' | 'core'; subject: string; payload: unknown; messageId: string | null };

/** Where the outbox is emptied to. */
export interface Messenger {
  /** Resolves when the stream has stored it; a repeated `messageId` is stored once. */
  publishDurably(subject: string, payload: unknown, messageId: string): Promise<void>;
  /** At most once. Never throws for want of a listener. */
  publish(subject: string, payload: unknown): void;
}

const BATCH = 200;
const RETRY_MS = 500;
/** Only recovers what a crash between commit and wake left behind; the wake does the work. */
const SWEEP_MS = 2_000;

/**
 * Tells NATS what was decided: woken by each commit, rows leave after the acknowledgement, so that a message is sent at
 * least once and its id makes it once. Any number of servers may run one each: rows being sent are skipped by the others.
 */
export class OutboxRelay {
  private readonly rounds = new Rounds(() => this.empty());
  private forget: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly messenger: Messenger,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.forget = this.database.onOutbox(() => this.wake());
    this.wake();
  }

  wake(): void {
    this.rounds.wake();
  }

  async stop(): Promise<void> {
    this.forget();
    await this.rounds.stop();
  }

  private async empty(): Promise<number> {
    try {
      if ((await this.sendBatch()) === BATCH) this.wake();
      return SWEEP_MS;
    } catch (error) {
      this.log.warn({ err: error }, 'The outbox could not be sent; it is tried again.');
      return RETRY_MS;
    }
  }

  /** @returns how many rows were sent */
  private sendBatch(): Promise<number> {
    return this.database.source.transaction(async (manager) => {
      const rows: OutboxMessage[] = await manager.query(
        `select id, kind, subject, payload, message_id as "messageId" from outbox order by id limit ${BATCH} for update skip locked`,
      );
      if (rows.length === 0) return 0;
      await Promise.all(rows.map((row) => this.send(row)));
      await manager.query('delete from outbox where id = any($1::bigint[])', [rows.map((row) => row.id)]);
      return rows.length;
    });
  }

  private async send(row: OutboxMessage): Promise<void> {
    if (row.kind === 'core') this.messenger.publish(row.subject, row.payload);
    else await this.messenger.publishDurably(row.subject, row.payload, row.messageId ?? row.id);
  }
}
