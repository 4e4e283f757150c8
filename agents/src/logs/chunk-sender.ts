import { LOG_HEADERS, macOf } from '@slipway/protocol';
import type { Spool } from './spool.js';

/** Unacknowledged chunks at a time: 1 MiB of text, enough to keep a stream busy. */
const MAX_IN_FLIGHT = 16;
/** Chunks that wait for their turn in memory; more are read back from the spool. */
const MAX_READY_BYTES = 1024 * 1024;
const BACK_OFF_MS = { first: 100, most: 5000 };

/** Resolves once JetStream has acknowledged; rejects, within some seconds, when it has not (the log then sends again by itself). */
export type PublishChunk = (subject: string, body: Uint8Array, headers: Record<string, string>) => Promise<void>;

export type ChunkSenderOptions = {
  subject: string;
  number: number;
  key: Uint8Array;
  spool: Spool;
  publish: PublishChunk;
  /** Nothing is in flight and nothing waits. */
  onIdle: () => void;
};

/**
 * Publishes chunks in order, several in flight. After a failure it starts again from the first chunk that was not acknowledged; the reader drops what
 * it already has. It never gives up.
 */
export class ChunkSender {
  private count = 0;
  private cursor = 0;
  private inFlight = 0;
  private backOffMs = 0;
  private failed = false;
  private closed = false;
  private readonly ready = new Map<number, Uint8Array>();
  private readyBytes = 0;
  private readonly acknowledged = new Set<number>();
  private acknowledgedThrough = -1;
  private wake: () => void = () => {};
  private readonly running: Promise<void>;
  private flushed: { through: number; resolve: () => void }[] = [];

  constructor(private readonly options: ChunkSenderOptions) {
    this.running = this.run();
  }

  get idle(): boolean {
    return this.inFlight === 0 && this.cursor === this.count;
  }

  /** The next chunk; it is in the spool already. */
  add(n: number, body: Uint8Array): void {
    this.count = n + 1;
    if (this.readyBytes < MAX_READY_BYTES) {
      this.ready.set(n, body);
      this.readyBytes += body.length;
    }
    this.wake();
  }

  rewind(from: number): void {
    this.cursor = Math.min(this.cursor, Math.max(0, from));
    this.wake();
  }

  /** Resolves once every chunk up to and including `through` has been acknowledged, at least once. */
  acknowledgedUpTo(through: number): Promise<void> {
    if (this.acknowledgedThrough >= through || this.closed) return Promise.resolve();
    return new Promise((resolve) => this.flushed.push({ through, resolve }));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    for (const { resolve } of this.flushed.splice(0)) resolve();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      if (this.failed) await this.backOff();
      else if (this.cursor >= this.count || this.inFlight >= MAX_IN_FLIGHT) await this.pause();
      else await this.sendNext();
    }
  }

  private async sendNext(): Promise<void> {
    const n = this.cursor;
    const body = this.take(n) ?? (await this.options.spool.read(n));
    if (this.cursor !== n || this.closed) return;
    this.cursor = n + 1;
    if (!body) return this.acknowledge(n); // sealed and gone
    this.inFlight += 1;
    void this.send(n, body);
  }

  private async send(n: number, body: Uint8Array): Promise<void> {
    const { subject, number, key, publish } = this.options;
    const headers = {
      [LOG_HEADERS.attempt]: String(number),
      [LOG_HEADERS.n]: String(n),
      [LOG_HEADERS.mac]: macOf(key, subject, number, n),
    };
    try {
      await publish(subject, body, headers);
      this.backOffMs = 0;
      this.acknowledge(n);
    } catch {
      // The stream is away, full or slow, or only the acknowledgement was lost: from here again, until it is there.
      this.cursor = Math.min(this.cursor, n);
      this.failed = true;
    }
    this.inFlight -= 1;
    this.wake();
    if (this.idle && !this.closed) this.options.onIdle();
  }

  private take(n: number): Uint8Array | undefined {
    const body = this.ready.get(n);
    if (body && this.ready.delete(n)) this.readyBytes -= body.length;
    return body;
  }

  private acknowledge(n: number): void {
    if (n > this.acknowledgedThrough) this.acknowledged.add(n);
    while (this.acknowledged.delete(this.acknowledgedThrough + 1)) this.acknowledgedThrough += 1;
    this.flushed = this.flushed.filter(({ through, resolve }) => {
      if (through > this.acknowledgedThrough) return true;
      resolve();
      return false;
    });
  }

  /** One wait for all that failed together. */
  private async backOff(): Promise<void> {
    this.failed = false;
    this.backOffMs = Math.min(BACK_OFF_MS.most, this.backOffMs * 2 || BACK_OFF_MS.first);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.backOffMs);
    this.wake = () => this.closed && resolve();
    await promise;
    clearTimeout(timer);
  }

  /** Until something happens. */
  private async pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    await promise;
  }
}
