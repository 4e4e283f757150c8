import type { Changes } from '../../platform/changes.js';
import { type ClaimedDelivery, claimDelivery, type HandleDeps, handleDelivery } from './handle-delivery.js';
import { sweepDeliveries } from './sweep-deliveries.js';

/** Only for deliveries whose server died, and for those that rest after a failure; commits wake it for all others. */
const RECOVER_MS = 5_000;
const RETENTION_MS = 3600_000;
/** A pull request's news may wait for a fetch, i.e. for a host that is slow: others go past it, and no repository takes all places. */
const MAX_AT_ONCE = 16;
const MAX_OF_REPOSITORY = 2;

/** Handles deliveries as they come, on whichever server is quickest. Several servers may run one each. */
export class DeliveryLoop {
  private readonly workers = new Set<Promise<void>>();
  /** How many of each repository are being handled. */
  private readonly handling = new Map<string, number>();
  /** One claim at a time: the next must know what the last one took. */
  private claiming: Promise<unknown> = Promise.resolve();
  private wakes = 0;
  private stopped = false;
  private unwatch: () => void = () => undefined;
  private timers: NodeJS.Timeout[] = [];
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: HandleDeps,
    private readonly changes: Changes,
  ) {}

  start(): void {
    this.unwatch = this.changes.watch('repository', '*', () => this.wake());
    this.timers = [setInterval(() => this.wake(), RECOVER_MS).unref(), setInterval(() => this.sweep(), RETENTION_MS).unref()];
    this.sweep();
    this.wake();
  }

  wake(): void {
    this.wakes++;
    if (this.stopped || this.workers.size >= MAX_AT_ONCE) return;
    const worker = this.work().finally(() => this.workers.delete(worker));
    this.workers.add(worker);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.unwatch();
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all([...this.workers, this.sweeping]);
  }

  /** Until none is due; a wake during its last look makes it look once more. Who finds one calls another to look for the next. */
  private async work(): Promise<void> {
    try {
      for (let seen = -1; seen !== this.wakes && !this.stopped; ) {
        seen = this.wakes;
        const delivery = await this.claim();
        if (!delivery) continue;
        this.wake();
        await this.handle(delivery);
      }
    } catch (error) {
      this.deps.log.warn({ err: error }, 'Webhook deliveries could not be handled; trying again within seconds.');
    }
  }

  private claim(): Promise<ClaimedDelivery | null> {
    const turn = this.claiming.then(async () => {
      const delivery = await claimDelivery(this.deps.db, this.full());
      if (delivery) this.handling.set(delivery.repositoryId, (this.handling.get(delivery.repositoryId) ?? 0) + 1);
      return delivery;
    });
    this.claiming = turn.catch(() => undefined); // its failure is its caller's
    return turn;
  }

  private async handle(delivery: ClaimedDelivery): Promise<void> {
    const { repositoryId } = delivery;
    try {
      await handleDelivery(this.deps, delivery);
    } finally {
      const left = (this.handling.get(repositoryId) ?? 1) - 1;
      if (left === 0) this.handling.delete(repositoryId);
      else this.handling.set(repositoryId, left);
      this.wakes++;
    }
  }

  private full(): string[] {
    return [...this.handling].filter(([, count]) => count >= MAX_OF_REPOSITORY).map(([repositoryId]) => repositoryId);
  }

  private sweep(): void {
    this.sweeping = sweepDeliveries(this.deps.db).catch((error) =>
      this.deps.log.warn({ err: error }, 'Old webhook deliveries could not be deleted; trying again in an hour.'),
    );
  }
}
