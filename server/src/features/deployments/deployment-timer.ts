import type { Logger } from 'pino';
import type { Changes } from '../../platform/changes.js';
import { nextDueMs, type TickDeps, tickDeployments } from './tick-deployments.js';

/** Only recovers what another server left undone when it died; deadlines, commits and agents that come wake it in time. */
const SWEEP_MS = 10_000;
const RETRY_MS = 500;
/** Agents change with every job; only those that come matter here, and they can wait so long. */
const AGENTS_CHANGED_MS = 1_000;
/** A timer fires a little early now and then; one more round is cheaper than a whole sweep too late. */
const LEAST_MS = 5;

/**
 * Does what is due, then sleeps until the earliest deadline. Woken by commits that set a deadline or free an environment, and by
 * agents that come. Never two rounds at once here; a wake during one causes exactly one more.
 */
export class DeploymentTimer {
  private awake = false;
  private running: Promise<void> | undefined;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Timeout | undefined;
  private unwatch: () => void = () => undefined;

  constructor(
    private readonly deps: TickDeps,
    private readonly changes: Changes,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  start(): void {
    this.unwatch = this.changes.watch('agent', '*', () => this.wakeSoon());
    this.wake();
  }

  wake(): void {
    this.awake = true;
    if (this.running || this.stopped) return;
    this.running = this.run().finally(() => {
      this.running = undefined;
      if (this.awake) this.wake();
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.unwatch();
    clearTimeout(this.timer);
    clearTimeout(this.soon);
    await this.running;
  }

  private wakeSoon(): void {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      this.wake();
    }, AGENTS_CHANGED_MS).unref();
  }

  private async run(): Promise<void> {
    let sleepMs = SWEEP_MS;
    while (this.awake && !this.stopped) {
      this.awake = false;
      try {
        await tickDeployments(this.deps);
        sleepMs = (await nextDueMs(this.deps.database)) ?? SWEEP_MS;
      } catch (error) {
        this.log.warn({ err: error }, 'Deployments could not be looked after; it is tried again.');
        sleepMs = RETRY_MS;
      }
    }
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.wake(), Math.min(Math.max(sleepMs, LEAST_MS), SWEEP_MS)).unref();
  }
}
