import type { FolderBlobStore } from '../../platform/blob-store.js';
import type { Database } from '../../platform/database.js';
import type { Logger } from '../../platform/log.js';
import { sweepLogs, sweepOrphanedBlocks } from '../logs/sweep-logs.js';
import { sweepArtifacts, sweepOrphanedArtifacts } from './sweep-artifacts.js';

const HOUR_MS = 3600_000;
const ORPHANS_EVERY = 24;

export type RetentionDeps = { database: Database; blobs: FolderBlobStore; log: Logger; now(): Date };

/** Each hour deletes what has been kept long enough; once a day also what nobody knows. Several servers may do it at once. */
export class Retention {
  private timer: NodeJS.Timeout | null = null;
  private rounds = 0;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(private readonly deps: RetentionDeps) {}

  start(): void {
    const round = () => {
      this.sweeping = this.sweep().catch((error) =>
        this.deps.log.warn({ err: error }, 'Old logs and artifacts could not be deleted; trying again in an hour.'),
      );
    };
    this.timer = setInterval(round, HOUR_MS).unref();
    round();
  }

  async close(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.sweeping;
  }

  async sweep(): Promise<void> {
    const { database, blobs, log } = this.deps;
    const now = this.deps.now();
    const [logs, artifacts] = [await sweepLogs(database, blobs, now), await sweepArtifacts(database, blobs, now)];
    if (this.rounds++ % ORPHANS_EVERY === 0) {
      await sweepOrphanedBlocks(database, blobs, now);
      await sweepOrphanedArtifacts(database, blobs, now);
      await blobs.removeUnfinished(now.getTime());
    }
    if (logs + artifacts > 0) log.info({ logs, artifacts }, 'Deleted logs and artifacts that were kept long enough.');
  }
}
