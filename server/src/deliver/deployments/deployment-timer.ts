import type { Logger } from 'pino';
import type { Changes } from '../../platform/changes.js';
import { OneByOne } from '../../platform/dead-letters.js';
import { Rounds } from '../../platform/rounds.js';
import { nextDueMs, type TickDeps, tickDeployments } from './tick-deployments.js';

/** Only recovers what another server left undone when it died; deadlines, commits and agents that come wake it in time. */
const SWEEP_MS = 10_000;
const RETRY_MS = 500;
/** Agents change with every job; only those that connect matter here, and they can wait this long. */
const AGENTS_CHANGED_MS = 1_000;
/** A timer fires a little early now and then; one more round is cheaper than a whole sweep too late. */
const LEAST_MS = 5;
/** What could not be done is still due. */
const UNDONE_MS = 1_000;

/**
 * Does what is due, then sleeps until the earliest deadline. Commits that set a deadline or free an environment wake it, and so do agents that
 * connect. Never two rounds at once here; a wake during a round causes exactly one more.
 */
export class DeploymentTimer {
  private readonly rounds = new Rounds(() => this.tick());
  private soon: NodeJS.Timeout | undefined;
  private unwatch: () => void = () => undefined;
  private readonly work: OneByOne;

  constructor(
    private readonly deps: TickDeps,
    private readonly changes: Changes,
    private readonly log: Pick<Logger, 'warn' | 'error'>,
  ) {
    this.work = new OneByOne({ database: deps.database, log });
  }

  start(): void {
    this.unwatch = this.changes.watch('agent', '*', () => this.wakeSoon());
    this.wake();
  }

  wake(): void {
    this.rounds.wake();
  }

  async stop(): Promise<void> {
    this.unwatch();
    clearTimeout(this.soon);
    await this.rounds.stop();
  }

  private wakeSoon(): void {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      this.wake();
    }, AGENTS_CHANGED_MS).unref();
  }

  private async tick(): Promise<number> {
    try {
      const undone = await tickDeployments(this.deps, this.work);
      const leastMs = undone > 0 ? UNDONE_MS : LEAST_MS;
      return Math.min(Math.max((await nextDueMs(this.deps.database)) ?? SWEEP_MS, leastMs), SWEEP_MS);
    } catch (error) {
      this.log.warn({ err: error }, 'Deployments could not be checked; trying again.');
      return RETRY_MS;
    }
  }
}
