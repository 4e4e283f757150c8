import type { Logger } from 'pino';
import type { Database, Tx } from './database.js';
import { noteFailure, setAside, Tries } from './dead-letters.js';
import { newId } from './ids.js';
import { Rounds } from './rounds.js';

export type OutboxMessage = { id: string; kind: 'jetstream' | 'core'; subject: string; payload: unknown; messageId: string | null };

/** Where the messages of the outbox are sent. */
export interface Messenger {
  /** Resolves when the stream has stored it; a repeated `messageId` is stored once. */
  publishDurably(subject: string, payload: unknown, messageId: string): Promise<void>;
  /** At most once. Does not throw if nobody listens. */
  publish(subject: string, payload: unknown): void;
}

const BATCH = 200;
const RETRY_MS = 500;
/** Only recovers what a crash between commit and wake left behind; normally the wake does the work. */
const SWEEP_MS = 2_000;

/**
 * Publishes to NATS what was decided. Each commit wakes it, and rows are deleted after the acknowledgement, so a message is sent at least once, and
 * its id makes NATS store it once. Any number of servers may run one each: they skip rows that another is sending. A message that can never be sent
 * is set aside; one that can't be sent now stays, and the others are sent.
 */
export class OutboxRelay {
  private readonly rounds = new Rounds(() => this.empty());
  private readonly tries = new Tries();
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
      this.log.warn({ err: error }, 'The outbox could not be sent; trying again.');
      return RETRY_MS;
    }
  }

  /** @returns how many rows have left; @throws why one has not, when all others are gone */
  private async sendBatch(): Promise<number> {
    const failed: unknown[] = [];
    const left = await this.database.transaction(async (tx) => {
      const rows = await tx.query<OutboxMessage>(
        `select id, kind, subject, payload, message_id as "messageId" from outbox order by id limit ${BATCH} for update skip locked`,
      );
      if (rows.length === 0) return 0;
      const ends = await Promise.all(rows.map((row) => this.send(row).then(() => SENT, errorOf)));
      const gone: string[] = [];
      for (const [n, row] of rows.entries()) {
        const end = ends[n];
        if (end === SENT || (await this.isOver(tx, row, end))) gone.push(row.id);
        else failed.push(end);
      }
      await tx.query('delete from outbox where id = any($1::bigint[])', [gone]);
      return gone.length;
    });
    if (failed.length > 0) throw failed[0];
    return left;
  }

  private async isOver(tx: Tx, row: OutboxMessage, error: unknown): Promise<boolean> {
    const verdict = this.tries.failed(row.id, error);
    if (!verdict.isOver) return false;
    const letter = { kind: 'outbox_message' as const, key: row.id, about: `Message to ${row.subject}`, body: row };
    noteFailure(this.log, letter, verdict, error);
    await setAside(tx, letter, error, verdict.tries);
    return true;
  }

  private async send(row: OutboxMessage): Promise<void> {
    if (row.kind === 'core') this.messenger.publish(row.subject, row.payload);
    else await this.messenger.publishDurably(row.subject, row.payload, row.messageId ?? row.id);
    this.tries.done(row.id);
  }
}

const SENT = Symbol('sent');
const errorOf = (error: unknown): unknown => error;

/** Puts a message that was set aside back into the outbox. */
export async function sendAgain(tx: Tx, { kind, subject, payload, messageId }: OutboxMessage): Promise<void> {
  if (kind === 'core') tx.tell(subject, payload);
  else tx.publish(subject, payload, messageId ?? newId());
}
