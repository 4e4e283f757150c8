import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DomainError } from '../../platform/errors.js';
import { type BringOverDeps, bringOver } from './bring-over.js';
import { FetchLease } from './fetch-lease.js';
import type { MirrorStore } from './mirror-store.js';

/** How many fetches run at once on one server: each may take a core, and as much memory as unpacking a big repository needs. */
const AT_ONCE = 4;
/** A fetch that takes longer mostly waits for its host. It gives its place to others, so that a few slow hosts do not block all. */
const SLOW_MS = 30_000;
const MOST_AT_ONCE = 16;
const LOOK_EVERY_MS = 2_000;
const WAIT_MS = 100;
const MAX_DUE = 50;

export type FetcherDeps = BringOverDeps & {
  mirrors: MirrorStore /** A look in passing has succeeded. */;
  polled(repositoryId: string): void;
  log: Pick<Logger, 'warn' | 'error'>;
  slowMs?: number | undefined;
};

/**
 * Fetches what is due: on request, for a poll, or to try again. Requests wake it; it also looks by itself for requests of other servers and for what
 * the clock has made due. Any number of servers may each run one: a lease in the mirror's row keeps them apart.
 */
export class MirrorFetcher {
  private readonly stopped = new AbortController();
  private readonly running = new Map<string, Promise<boolean>>();
  private readonly quick = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | null = null;
  private lookAgain = false;

  constructor(private readonly deps: FetcherDeps) {}

  start(): void {
    this.timer = setInterval(() => this.wake(), LOOK_EVERY_MS).unref();
    this.wake();
  }

  /** Ends the fetches under way; the next start begins them again. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopped.abort();
    await this.looking;
    await Promise.allSettled(this.running.values());
  }

  wake(): void {
    if (this.timer === undefined || this.stopped.signal.aborted) return;
    this.lookAgain = true;
    this.looking ??= this.look().finally(() => {
      this.looking = null;
    });
  }

  /** Resolves when everything that was requested up to this number is here. @throws DomainError when a fetch for it fails */
  async until(repositoryId: string, wanted: bigint): Promise<void> {
    while (!(await this.isServed(repositoryId, wanted))) {
      const under = this.running.get(repositoryId);
      if (under) await under.catch(() => undefined);
      else if (!(await this.fetch(repositoryId))) await sleep(WAIT_MS, undefined, { signal: this.stopped.signal });
    }
  }

  /** @returns false when another server is at it, or there is no such mirror */
  private fetch(repositoryId: string): Promise<boolean> {
    const slow = setTimeout(() => this.leavePlace(repositoryId), this.deps.slowMs ?? SLOW_MS).unref();
    const work = this.fetchUnderLease(repositoryId).finally(() => {
      clearTimeout(slow);
      this.quick.delete(repositoryId);
      this.running.delete(repositoryId);
    });
    this.quick.add(repositoryId);
    this.running.set(repositoryId, work);
    return work;
  }

  private leavePlace(repositoryId: string): void {
    this.quick.delete(repositoryId);
    this.wake();
  }

  private async fetchUnderLease(repositoryId: string): Promise<boolean> {
    const lease = await FetchLease.take(this.deps.db, this.deps.log, repositoryId);
    if (!lease) return false;
    try {
      const mirror = await this.deps.mirrors.find(repositoryId);
      if (mirror) await bringOver(this.deps, mirror, AbortSignal.any([lease.signal, this.stopped.signal]));
    } catch (error) {
      if (this.stopped.signal.aborted) await lease.drop();
      else await lease.fail(error);
      throw error;
    }
    await lease.succeed();
    if (!lease.asked) this.deps.polled(repositoryId);
    return true;
  }

  private async look(): Promise<void> {
    while (this.lookAgain && !this.stopped.signal.aborted) {
      this.lookAgain = false;
      try {
        for (const id of await this.due()) this.begin(id);
      } catch (error) {
        this.deps.log.warn({ err: error }, 'The list of repositories to fetch could not be read; trying again soon.');
      }
    }
  }

  private begin(repositoryId: string): void {
    if (this.running.has(repositoryId) || this.quick.size >= AT_ONCE || this.running.size >= MOST_AT_ONCE) return;
    this.fetch(repositoryId)
      .then((fetched) => fetched && this.wake())
      .catch((error) => {
        if (!this.stopped.signal.aborted) this.failed(repositoryId, error);
      });
  }

  /** A host that is away is not a fault of this server, and the page shows it. */
  private failed(repositoryId: string, error: unknown): void {
    if (error instanceof DomainError)
      this.deps.log.warn({ repository: repositoryId, code: error.code, reason: error.message }, 'A repository could not be fetched.');
    else this.deps.log.error({ err: error, repository: repositoryId }, 'A repository could not be fetched; trying again soon.');
    this.wake();
  }

  private async due(): Promise<string[]> {
    const rows = await this.deps.db.query<{ id: string }>(
      `select repository_id as id from mirrors
       where next_poll_at <= clock_timestamp() and (fetcher_until is null or fetcher_until < clock_timestamp())
       order by (wanted > served) desc, next_poll_at limit $1`,
      [MAX_DUE],
    );
    return rows.map((row) => row.id);
  }

  private async isServed(repositoryId: string, wanted: bigint): Promise<boolean> {
    const [row] = await this.deps.db.query<{ served: string }>('select served from mirrors where repository_id = $1', [repositoryId]);
    return row === undefined || BigInt(row.served) >= wanted;
  }
}
