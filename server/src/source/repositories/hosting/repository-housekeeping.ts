import type { Logger } from 'pino';
import type { RepositoryStore } from '../repository-store.js';

/** Packs repositories after pushes, one at a time: packing may use a whole core, and nobody waits for it. */
export class RepositoryHousekeeping {
  private readonly waiting = new Set<string>();
  private readonly stopped = new AbortController();
  private working: Promise<void> | null = null;

  constructor(
    private readonly store: RepositoryStore,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  pushed(repositoryId: string): void {
    this.waiting.add(repositoryId);
    this.working ??= this.work().finally(() => {
      this.working = null;
    });
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.working;
  }

  private async work(): Promise<void> {
    for (const repositoryId of this.waiting) {
      if (this.stopped.signal.aborted) return;
      this.waiting.delete(repositoryId);
      try {
        await this.store.pack(repositoryId, this.stopped.signal);
      } catch (error) {
        if (!this.stopped.signal.aborted)
          this.log.warn({ err: error, repository: repositoryId }, 'A repository could not be packed; trying again after its next push.');
      }
    }
  }
}
