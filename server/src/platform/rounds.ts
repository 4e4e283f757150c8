/**
 * One pass over what is due. Returns in how many milliseconds the next one should begin; null: only when something wakes it. It logs its own errors.
 */
export type Round = () => Promise<number | null>;

/**
 * Runs rounds of work, never two at once: when something wakes them, and after the time that the last round returned. A wake during a round, even
 * from within it, causes exactly one more round. To have a commit noticed, wake after it; the round reads what is there.
 */
export class Rounds {
  private awake = false;
  /** Set before the first round begins, because that round may wake it before `running` is set. */
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

  /** Waits for the round that is under way; no other follows. */
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
