type Offer<T> = { value: T; taken: () => void };

/**
 * One stream of the events of many, whose set changes: `keys` yields the present set again and again, `open` makes the stream of a key.
 * A stream is asked for its next event after its last was taken, so that a slow reader makes all of them skip rather than queue.
 * Nothing is opened before the first `next()`; `return()` ends all at once.
 */
export function mergeLive<T>(keys: AsyncIterator<string[]>, open: (key: string) => AsyncIterator<T>): AsyncIterableIterator<T> {
  return new MergedStreams(keys, open);
}

class MergedStreams<T> implements AsyncIterableIterator<T> {
  private readonly streams = new Map<string, AsyncIterator<T>>();
  private readonly offers: Offer<T>[] = [];
  private waiting: PromiseWithResolvers<IteratorResult<T>> | null = null;
  private failure: { error: unknown } | null = null;
  private started = false;
  private over = false;

  constructor(
    private readonly keys: AsyncIterator<string[]>,
    private readonly open: (key: string) => AsyncIterator<T>,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    this.waiting = Promise.withResolvers();
    const { promise } = this.waiting;
    if (!this.started && !this.over) {
      this.started = true;
      void this.followKeys().catch((error: unknown) => this.fail(error));
    }
    this.deliver();
    return promise;
  }

  async return(): Promise<IteratorResult<T>> {
    this.close();
    this.deliver();
    return { done: true, value: undefined };
  }

  private async followKeys(): Promise<void> {
    for (;;) {
      const next = await this.keys.next();
      if (next.done || this.over) return;
      const present = new Set(next.value);
      for (const [key, stream] of this.streams) if (!present.has(key)) this.leave(key, stream);
      for (const key of present) if (!this.streams.has(key)) void this.follow(key).catch((error: unknown) => this.fail(error));
    }
  }

  private async follow(key: string): Promise<void> {
    const stream = this.open(key);
    this.streams.set(key, stream);
    for (;;) {
      const next = await stream.next();
      if (next.done || this.streams.get(key) !== stream) return;
      await new Promise<void>((taken) => {
        this.offers.push({ value: next.value, taken });
        this.deliver();
      });
    }
  }

  private leave(key: string, stream: AsyncIterator<T>): void {
    this.streams.delete(key);
    void stream.return?.();
  }

  private fail(error: unknown): void {
    this.failure = { error };
    this.close();
    this.deliver();
  }

  private close(): void {
    this.over = true;
    void this.keys.return?.();
    for (const [key, stream] of [...this.streams]) this.leave(key, stream);
    for (const offer of this.offers.splice(0)) offer.taken();
  }

  private deliver(): void {
    const waiting = this.waiting;
    if (!waiting) return;
    const offer = this.offers.shift();
    if (!offer && !this.over) return;
    this.waiting = null;
    if (offer) {
      offer.taken();
      waiting.resolve({ done: false, value: offer.value });
    } else if (this.failure) {
      const { error } = this.failure;
      this.failure = null;
      waiting.reject(error);
    } else {
      waiting.resolve({ done: true, value: undefined });
    }
  }
}
