import type { Logger } from 'pino';
import type { Changes } from '../../platform/changes.js';
import type { Database } from '../../platform/database.js';
import { Rounds } from '../../platform/rounds.js';

const SETTLE_MS = 1_000;

/**
 * Whoever watches a run with queued jobs learns within a second how the queue has moved: their places change with other runs, and what
 * they wait for changes with agents. One small query a second at most, and none while nobody watches.
 */
export class QueueNews {
  private readonly rounds = new Rounds(() => this.tell());
  private unwatch: () => void = () => undefined;
  private toldAt = 0;
  private moved = false;

  constructor(private readonly deps: { database: Database; changes: Changes; log: Logger; now(): number }) {}

  start(): void {
    this.unwatch = this.deps.changes.watch('queue', '*', () => {
      this.moved = true;
      this.rounds.wake();
    });
  }

  async stop(): Promise<void> {
    this.unwatch();
    await this.rounds.stop();
  }

  private async tell(): Promise<number | null> {
    if (!this.moved) return null;
    const { database, changes, log, now } = this.deps;
    const early = this.toldAt + SETTLE_MS - now();
    if (early > 0) return early;
    const watched = changes.watched('run');
    this.moved = false;
    this.toldAt = now();
    if (watched.length === 0) return null;
    try {
      const waiting = await database.query<{ id: string }>(
        `select distinct run_id as id from jobs where state = 'queued' and run_id = any($1)`,
        [watched],
      );
      for (const { id } of waiting) changes.emit(`run.${id}`);
      return null;
    } catch (error) {
      log.warn({ err: error }, 'Subscribers of queued jobs could not be told that the queue has moved; trying again.');
      this.moved = true;
      return SETTLE_MS;
    }
  }
}
