import type { Logger } from 'pino';
import type { Changes } from '../../platform/changes.js';
import type { Database } from '../../platform/database.js';
import { Rounds } from '../../platform/rounds.js';
import { assignJobs } from './assign-jobs.js';

const RETRY_MS = 500;

/**
 * Runs assignment whenever a job is queued or a slot is free (`changed.queue`, from this server's commits or another's).
 * Never two at once here; a wake during one causes exactly one more.
 */
export class Dispatcher {
  private readonly rounds = new Rounds(() => this.assign());
  private unwatch: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.unwatch = this.changes.watch('queue', '*', () => this.wake());
    this.wake();
  }

  wake(): void {
    this.rounds.wake();
  }

  async stop(): Promise<void> {
    this.unwatch();
    await this.rounds.stop();
  }

  private async assign(): Promise<number | null> {
    try {
      await assignJobs(this.database);
      return null;
    } catch (error) {
      this.log.warn({ err: error }, 'Jobs could not be assigned; trying again.');
      return RETRY_MS;
    }
  }
}
