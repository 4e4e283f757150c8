const MAX_KEYS = 10_000;

/**
 * Counts failures by key within a window that begins with the first. In memory of one server: with n servers n times as many tries are
 * possible, still far too few to guess a password.
 */
export class FailureLimit {
  private readonly failures = new Map<string, { count: number; untilMs: number }>();

  constructor(
    private readonly most: number,
    private readonly windowMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Milliseconds until the key may try again; 0: now. */
  waitMs(key: string): number {
    const entry = this.failures.get(key);
    if (!entry || entry.count < this.most) return 0;
    return Math.max(0, entry.untilMs - this.now());
  }

  failed(key: string): void {
    const known = this.failures.get(key);
    const entry = known && known.untilMs > this.now() ? known : { count: 0, untilMs: this.now() + this.windowMs };
    entry.count++;
    this.failures.delete(key);
    this.failures.set(key, entry);
    // The key that failed longest ago goes first, so that memory stays bounded whatever is tried.
    if (this.failures.size > MAX_KEYS) this.failures.delete(this.failures.keys().next().value as string);
  }

  /** What was counted was no failure; earlier ones stay. */
  takeBack(key: string): void {
    const entry = this.failures.get(key);
    if (entry) entry.count--;
  }

  succeeded(key: string): void {
    this.failures.delete(key);
  }
}
