import {
  AckPolicy,
  type ConsumerInfo,
  type ConsumerMessages,
  DeliverPolicy,
  DiscardPolicy,
  type JsMsg,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { streams } from '@slipway/protocol';
import type { Logger } from '../../platform/log.js';
import type { Nats, StreamSpec } from '../../platform/nats/nats.js';

const DEFAULT_MAX_BYTES = 2 * 1024 ** 3;
/** Messages asked for at a time: bounds what waits in memory, at 64 KiB of text each. */
const BATCH_MESSAGES = 64;
const PULL_EXPIRES_MS = 10_000;
const CONSUMER_IDLE_MS = 60_000;
const RETRY_MS = { first: 100, most: 2_000 };

/**
 * The stream between agents and tails. When it is full the oldest chunks go: they are nearly always sealed, and one that was not is sent
 * again by its agent. Refusing new ones instead would stop every log of the installation until the oldest are a day old.
 */
export const logsStream = (maxBytes = DEFAULT_MAX_BYTES): StreamSpec => ({
  name: streams.logs,
  subjects: ['logs.*.*'],
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.Old,
  storage: StorageType.File,
  max_age: nanos(24 * 3600_000),
  max_bytes: maxBytes,
});

export type LogMessage = { seq: number; body: Uint8Array; header(name: string): string };

export type LogListener = {
  /** The last sequence that is behind; 0: none. Asked at each start. */
  after(): number;
  /** In the order of the stream. The next one waits until this resolves. */
  message(message: LogMessage): Promise<void> | void;
  /** Once after each (re)start: everything that was in the stream then has been given. */
  caughtUp(): void;
};

export interface LogFollowing {
  stop(): Promise<void>;
}

/** What a tail needs of NATS. */
export interface LogSource {
  /** Follows a subject until stopped, through reconnects and wiped stores. A message may come again. */
  follow(subject: string, listener: LogListener): LogFollowing;
}

export class JetStreamLogSource implements LogSource {
  constructor(
    private readonly nats: Pick<Nats, 'js' | 'manager' | 'onReconnect' | 'ensureStreams'>,
    private readonly log: Logger,
  ) {}

  follow(subject: string, listener: LogListener): LogFollowing {
    return new Following(this.nats, subject, listener, this.log);
  }
}

/** A consumer of its own, pulled in bounded batches: nothing piles up here while the listener is slow. */
class Following implements LogFollowing {
  private stopped = false;
  private messages: ConsumerMessages | null = null;
  private created: string | null = null;
  private isCaughtUp = false;
  private wake: () => void = () => {};
  private restarting = false;
  private readonly unsubscribe: () => void;
  private readonly running: Promise<void>;

  constructor(
    private readonly nats: Pick<Nats, 'js' | 'manager' | 'onReconnect' | 'ensureStreams'>,
    private readonly subject: string,
    private readonly listener: LogListener,
    private readonly log: Logger,
  ) {
    this.unsubscribe = nats.onReconnect(() => this.interrupt());
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.unsubscribe();
    this.interrupt();
    await this.running;
  }

  private interrupt(): void {
    this.restarting = true;
    this.wake();
    void this.messages?.close();
  }

  private async run(): Promise<void> {
    let waitMs = 0;
    while (!this.stopped) {
      this.restarting = false;
      try {
        await this.consume();
        waitMs = 0;
      } catch (error) {
        if (this.stopped) return;
        this.log.debug({ err: error, 'nats.subject': this.subject }, 'A log could not be followed; trying again.');
        waitMs = Math.min(RETRY_MS.most, waitMs * 2 || RETRY_MS.first);
        await this.pause(waitMs);
      }
    }
  }

  private async consume(): Promise<void> {
    const consumer = await this.unlessInterrupted(this.addConsumer());
    if (!consumer) return;
    this.isCaughtUp = false;
    try {
      this.noteHowFar(consumer.num_pending);
      const pull = this.nats.js.consumers.getConsumerFromInfo(consumer);
      while (!this.stopped && !this.restarting) {
        this.messages = await pull.fetch({ max_messages: BATCH_MESSAGES, expires: PULL_EXPIRES_MS });
        if (this.restarting) await this.messages.close();
        await this.take(this.messages);
      }
    } finally {
      this.messages = null;
      // Not awaited: without a connection nobody answers, and the consumer ends by itself.
      this.nats.manager.consumers.delete(streams.logs, consumer.name).catch(() => false);
    }
  }

  private async addConsumer(): Promise<ConsumerInfo> {
    return this.nats.manager.consumers.add(streams.logs, {
      filter_subject: this.subject,
      ack_policy: AckPolicy.None,
      inactive_threshold: nanos(CONSUMER_IDLE_MS),
      mem_storage: true,
      num_replicas: 1,
      ...(await this.startingPoint()),
    });
  }

  /** A request that was under way when the connection broke is answered by nobody, so it is not waited for. */
  private async unlessInterrupted<T>(request: Promise<T>): Promise<T | null> {
    const { promise, resolve } = Promise.withResolvers<null>();
    this.wake = () => resolve(null);
    request.catch(() => undefined);
    return Promise.race([request, promise]);
  }

  private async take(messages: ConsumerMessages): Promise<void> {
    for await (const message of messages) {
      if (this.stopped || this.restarting) return;
      await this.listener.message(asLogMessage(message));
      this.noteHowFar(message.info.pending);
    }
  }

  private noteHowFar(pending: number): void {
    if (pending > 0 || this.isCaughtUp) return;
    this.isCaughtUp = true;
    this.listener.caughtUp();
  }

  /** Sequences of a stream that was made anew, or put back from a backup, say nothing: then from its beginning. */
  private async startingPoint(): Promise<{ deliver_policy: DeliverPolicy; opt_start_seq?: number }> {
    const { created, state } = await this.streamInfo();
    const isSame = this.created === null || this.created === created;
    this.created = created;
    const after = this.listener.after();
    if (!isSame || after === 0 || after > state.last_seq) return { deliver_policy: DeliverPolicy.All };
    return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: after + 1 };
  }

  private async streamInfo() {
    try {
      return await this.nats.manager.streams.info(streams.logs);
    } catch (error) {
      await this.nats.ensureStreams();
      throw error;
    }
  }

  private async pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.wake = resolve;
    await promise;
    clearTimeout(timer);
  }
}

function asLogMessage(message: JsMsg): LogMessage {
  return { seq: message.seq, body: message.data, header: (name) => message.headers?.get(name) ?? '' };
}
