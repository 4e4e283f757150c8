import { setTimeout as sleep } from 'node:timers/promises';
import { type DeploymentProgress, type DesiredEnvironment, type Observed, ObservedReply } from '@slipway/protocol';

export type ReporterOptions = {
  observe: () => Promise<Observed>;
  /** The `observed` request; tries by itself until the server answers. */
  request: (observed: Observed) => Promise<unknown>;
  /** The server answered with something newer. */
  apply: (desired: DesiredEnvironment) => Promise<unknown>;
  warn: (error: unknown, message: string) => void;
};

const EVERY_MS = 10_000;
/** How often it reports while a deploy job follows the deployment, so that the job soon sees a verdict that nothing on this machine causes. */
const FOLLOWED_EVERY_MS = 500;
const AFTER_REFUSAL_MS = 2_000;

/**
 * Reports to the server what it sees: at each change, at least every 10 s, one report at a time, always the newest state. A newer desired state in
 * the answer is applied at once.
 */
export class Reporter {
  private readonly listeners = new Set<(progress: DeploymentProgress | null) => void>();
  private due = true;
  private wakeUp = new AbortController();
  private closed = false;

  constructor(private readonly options: ReporterOptions) {
    void this.run();
  }

  /** A report goes out soon. */
  wake(): void {
    this.due = true;
    this.wakeUp.abort();
  }

  /** What the server says of the deployment under way, until the answer is called. */
  follow(listener: (progress: DeploymentProgress | null) => void): () => void {
    this.listeners.add(listener);
    this.wake();
    return () => this.listeners.delete(listener);
  }

  /** Resolves once one report made after this call was answered. */
  async report(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const unfollow = this.follow(() => resolve());
    await promise;
    unfollow();
  }

  close(): void {
    this.closed = true;
    this.wake();
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      if (!this.due) await this.sleepUntilDue();
      if (this.closed) return;
      this.due = false;
      await this.tell();
    }
  }

  private async sleepUntilDue(): Promise<void> {
    this.wakeUp = new AbortController();
    const waitMs = this.listeners.size > 0 ? FOLLOWED_EVERY_MS : EVERY_MS;
    await sleep(waitMs, undefined, { signal: this.wakeUp.signal, ref: false }).catch(() => undefined); // woken
  }

  private async tell(): Promise<void> {
    try {
      const followers = [...this.listeners];
      const observed = await this.options.observe();
      const { desired, deployment } = ObservedReply.parse(await this.options.request(observed));
      if (desired && desired.generation > observed.generation) await this.options.apply(desired);
      for (const listener of followers) listener(deployment);
    } catch (error) {
      this.options.warn(error, 'The state of an environment could not be reported.');
      await sleep(AFTER_REFUSAL_MS, undefined, { ref: false });
    }
  }
}
