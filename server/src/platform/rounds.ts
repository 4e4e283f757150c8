/** One look at what is due. Says in how many ms the next one is; null: when something wakes it. What fails in it, it logs itself. */
export type Round = () => Promise<number | null>;

/**
 * Rounds of work, never two at once: whenever something wakes them, and by themselves when the last one said. A wake during a
 * round, also from within it, causes exactly one more. A commit that is to be noticed wakes after it; the round reads what there is.
 */
export class Rounds {
  private awake = false;
  /** Set before the first round begins, which may wake it before `running` is. */
  private busy = false;
  private running: Promise<void> | undefined;
  private ended = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly round: Round) {}

  get stopped(): boolean {
    return this.ended;
  }

  wake(): void {
    this.awake = true;
    if (this.busy || this.ended) return;
    this.busy = true;
    this.running = this.run().finally(() => {
      this.busy = false;
      if (this.awake) this.wake();
    });
  }

  /** Waits for the round that is under way; none follows. */
  async stop(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    let sleepMs: number | null = null;
    while (this.awake && !this.ended) {
      this.awake = false;
      sleepMs = await this.round();
    }
    clearTimeout(this.timer);
    if (!this.ended && sleepMs !== null) this.timer = setTimeout(() => this.wake(), sleepMs).unref();
  }
}
