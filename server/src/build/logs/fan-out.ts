/**
 * With more than a few readers, each is told at most once in a period, so that one chunk a few milliseconds doesn't cost each of them a
 * message; and they are told in turns spread over the period, so that none waits until all others have been served.
 */
const PERIOD = { fewReaders: 20, msEach: 0.05, mostMs: 50, turns: 10 };

/** Wakes readers that wait for a newer version than the one they have seen. */
export class FanOut {
  /** How many follow, waiting or not. */
  readers = 0;
  /** The readers that wait, the longest first, and the version that each has seen. */
  private readonly waiting = new Map<() => void, number>();
  private turn: NodeJS.Timeout | NodeJS.Immediate | null = null;
  private lastTurnAt = 0;

  constructor(private readonly version: () => number) {}

  /** Resolves once the version is another than `seen`, or the signal is aborted, or all are woken. */
  changed(seen: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => {
      this.waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    this.waiting.set(wake, seen);
    signal.addEventListener('abort', wake);
    this.schedule();
    return promise;
  }

  /** The version has changed. */
  schedule(): void {
    if (this.turn || !this.waiting.values().some((seen) => seen !== this.version())) return;
    const periodMs = this.readers <= PERIOD.fewReaders ? 0 : Math.min(PERIOD.mostMs, this.readers * PERIOD.msEach);
    const waitMs = this.lastTurnAt + periodMs / PERIOD.turns - performance.now();
    const take = () => this.takeTurn();
    this.turn = waitMs > 0 ? setTimeout(take, waitMs) : setImmediate(take);
  }

  wakeAll(): void {
    for (const wake of [...this.waiting.keys()]) wake();
  }

  private takeTurn(): void {
    this.turn = null;
    this.lastTurnAt = performance.now();
    const version = this.version();
    let left = Math.max(PERIOD.fewReaders, Math.ceil(this.readers / PERIOD.turns));
    for (const [wake, seen] of [...this.waiting]) {
      if (seen === version) continue;
      wake();
      left -= 1;
      if (left === 0) break;
    }
    this.schedule();
  }
}
