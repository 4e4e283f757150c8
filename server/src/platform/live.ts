import type { Changes, ThingKey } from './changes.js';

const RETRY_FIRST_MS = 200;
const RETRY_MOST_MS = 5_000;

/**
 * Live values: the current state first, then again after each change. Each server reads a change once, however many watch, and a slow watcher skips
 * to the newest state instead of queueing old ones. If reading fails (Postgres is away), watchers keep what they have, and the read is tried again at
 * growing intervals.
 */
export class LiveReads {
  private readonly readers = new Map<string, SharedRead<unknown>>();

  constructor(
    private readonly changes: Changes,
    private readonly onError: (error: unknown, what: string) => void,
  ) {}

  /**
   * @param shareAs names what is read: equal names share one read
   * @param read null when the thing is gone: the stream ends
   */
  watch<T>(keys: ThingKey[], shareAs: string, read: () => Promise<T | null>): AsyncIterableIterator<T> {
    return new Watcher<T>(() => this.reader(keys, shareAs, read));
  }

  private reader<T>(keys: ThingKey[], shareAs: string, read: () => Promise<T | null>): SharedRead<T> {
    const present = this.readers.get(shareAs) as SharedRead<T> | undefined;
    if (present) return present;
    const reader = new SharedRead<T>(
      read,
      (error) => this.onError(error, shareAs),
      () => this.readers.delete(shareAs),
    );
    reader.unwatch = keys.map(({ thing, id }) => this.changes.watch(thing, id, () => reader.refresh()));
    this.readers.set(shareAs, reader as SharedRead<unknown>);
    reader.refresh();
    return reader;
  }
}

class SharedRead<T> {
  value: T | null | undefined;
  version = 0;
  unwatch: (() => void)[] = [];
  private readonly listeners = new Set<() => void>();
  private dirty = false;
  private reading = false;
  private closed = false;

  constructor(
    private readonly read: () => Promise<T | null>,
    private readonly onError: (error: unknown) => void,
    private readonly onEmpty: () => void,
  ) {}

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0 || this.closed) return;
      this.closed = true;
      for (const unwatch of this.unwatch) unwatch();
      this.onEmpty();
    };
  }

  /** One read at a time; changes during a read cause exactly one more. */
  refresh(): void {
    this.dirty = true;
    if (!this.reading) void this.readWhileDirty();
  }

  private async readWhileDirty(): Promise<void> {
    this.reading = true;
    let waitMs = RETRY_FIRST_MS;
    while (this.dirty && !this.closed) {
      this.dirty = false;
      try {
        this.value = await this.read();
        this.version++;
        waitMs = RETRY_FIRST_MS;
        for (const listener of [...this.listeners]) listener();
      } catch (error) {
        this.onError(error);
        this.dirty = true;
        await new Promise((resolve) => setTimeout(resolve, waitMs).unref());
        waitMs = Math.min(waitMs * 2, RETRY_MOST_MS);
      }
    }
    this.reading = false;
  }
}

/** Joins the shared read at the first `next()`, so that a stream nobody pulls holds nothing. `return()` ends a pending `next()` at once. */
class Watcher<T> implements AsyncIterableIterator<T> {
  private reader: SharedRead<T> | undefined;
  private leave: () => void = () => undefined;
  private seen = 0;
  private done = false;
  private pending: ((result: IteratorResult<T>) => void) | undefined;

  constructor(private readonly open: () => SharedRead<T>) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    if (!this.reader && !this.done) {
      this.reader = this.open();
      this.leave = this.reader.subscribe(() => this.deliver());
    }
    return new Promise((resolve) => {
      this.pending = resolve;
      this.deliver();
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.finish();
    this.deliver();
    return Promise.resolve({ done: true, value: undefined });
  }

  private finish(): void {
    this.done = true;
    this.leave();
    this.leave = () => undefined;
  }

  private deliver(): void {
    const resolve = this.pending;
    if (!resolve) return;
    if (this.reader?.value === null) this.finish();
    if (this.done) {
      this.pending = undefined;
      resolve({ done: true, value: undefined });
    } else if (this.reader && this.reader.version > this.seen) {
      this.seen = this.reader.version;
      this.pending = undefined;
      resolve({ done: false, value: this.reader.value as T });
    }
  }
}
