const MAX_KEYS = 10_000;

export type FailureLimitOptions = {
  /** Failures that cost no waiting. */
  free: number;
  /** The wait after the first failure beyond those; it doubles with each further one. */
  firstWaitMs: number;
  longestWaitMs: number;
  /** After this long without a failure everything is forgotten. */
  forgetMs: number;
};

/**
 * Counts failures by key and lets each cost a longer wait. In memory of one server: with n servers n times as many tries are
 * possible, still far too few to guess a password.
 */
export class FailureLimit {
  private readonly failures = new Map<string, { count: number; atMs: number }>();

  constructor(
    private readonly options: FailureLimitOptions,
    private readonly now: () => number = Date.now,
  ) {}

  /** Milliseconds until the key may try again; 0: now. */
  waitMs(key: string): number {
    const entry = this.known(key);
    return entry ? Math.max(0, entry.atMs + this.costOf(entry.count) - this.now()) : 0;
  }

  failed(key: string): void {
    const count = (this.known(key)?.count ?? 0) + 1;
    this.failures.delete(key);
    this.failures.set(key, { count, atMs: this.now() });
    // The key that failed longest ago goes first, so that memory stays bounded whatever is tried.
    if (this.failures.size > MAX_KEYS) this.failures.delete(this.failures.keys().next().value as string);
  }

  /** The counted attempt did not fail after all; earlier failures stay. */
  takeBack(key: string): void {
    const entry = this.failures.get(key);
    if (entry && --entry.count <= 0) this.failures.delete(key);
  }

  succeeded(key: string): void {
    this.failures.delete(key);
  }

  private known(key: string): { count: number; atMs: number } | undefined {
    const entry = this.failures.get(key);
    return entry && entry.atMs + this.options.forgetMs > this.now() ? entry : undefined;
  }

  private costOf(count: number): number {
    const { free, firstWaitMs, longestWaitMs } = this.options;
    return count < free ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (count - free));
  }
}
