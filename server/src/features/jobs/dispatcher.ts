import type { Logger } from 'pino';
import type { Changes } from '../../platform/changes.js';
import type { Database } from '../../platform/database.js';
import { assignJobs } from './assign-jobs.js';

const RETRY_MS = 500;

/**
 * Runs assignment whenever a job is queued or a slot is free (`changed.queue`, from this server's commits or another's).
 * Never two at once here; a wake during one causes exactly one more.
 */
export class Dispatcher {
  private awake = false;
  private running: Promise<void> | undefined;
  private stopped = false;
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
    this.awake = true;
    if (!this.running && !this.stopped) this.running = this.run().finally(() => (this.running = undefined));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.unwatch();
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.awake && !this.stopped) {
      this.awake = false;
      try {
        await assignJobs(this.database);
      } catch (error) {
        this.log.warn({ err: error }, 'Jobs could not be assigned; it is tried again.');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        this.awake = true;
      }
    }
  }
}
