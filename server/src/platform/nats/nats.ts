import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { type Authenticator, connect, type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { Messenger } from '../outbox-relay.js';

const RECONNECT_WAIT_MS = 250;
const PUBLISH_TIMEOUT_MS = 5_000;
/** NATS may start after this server. If it takes longer than this, a log line says that the server is waiting. */
const PATIENCE_MS = 3_000;

export type StreamSpec = Partial<StreamConfig> & { name: string; subjects: string[] };

/**
 * The server's connection to NATS. Streams that this server needs are made at the start and made again when they turn
 * out to be gone: NATS holds nothing that Postgres and the agents don't hold too.
 */
export class Nats implements Messenger {
  private readonly reconnected = new Set<() => void>();
  readonly js: JetStreamClient;

  private constructor(
    readonly connection: NatsConnection,
    readonly manager: JetStreamManager,
    private readonly streams: readonly StreamSpec[],
    private readonly log: Logger,
  ) {
    this.js = jetstream(connection);
    void this.follow();
  }

  /** Own messages are not echoed: what this server changed it knows already. */
  static async connect(options: { url: string; authenticator: Authenticator; streams: readonly StreamSpec[]; log: Logger }): Promise<Nats> {
    const impatient = setInterval(
      () =>
        options.log.warn(
          "NATS can't be reached or does not let this server in; trying again. Start it, or correct NATS_URL and the keys in SLIPWAY_NATS_FILE.",
        ),
      PATIENCE_MS,
    );
    const connection = await connect({
      servers: options.url.split(','),
      authenticator: options.authenticator,
      name: 'slipway server',
      noEcho: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_WAIT_MS,
      ignoreAuthErrorAbort: true,
      waitOnFirstConnect: true,
    }).finally(() => clearInterval(impatient));
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const nats = new Nats(connection, manager, options.streams, options.log);
    await nats.ensureStreams();
    return nats;
  }

  get connected(): boolean {
    return !this.connection.isClosed() && this.up;
  }
  private up = true;

  /** Whatever was subscribed may have missed something: read it again. */
  onReconnect(listener: () => void): () => void {
    this.reconnected.add(listener);
    return () => this.reconnected.delete(listener);
  }

  async publishDurably(subject: string, payload: unknown, messageId: string): Promise<void> {
    try {
      await this.js.publish(subject, JSON.stringify(payload), { msgID: messageId, timeout: PUBLISH_TIMEOUT_MS });
    } catch (error) {
      // No responder: the stream is gone, e.g. with a wiped store. The relay tries again, on new streams.
      await this.ensureStreams();
      throw error;
    }
  }

  publish(subject: string, payload: unknown): void {
    this.connection.publish(subject, JSON.stringify(payload));
  }

  async ensureStreams(): Promise<void> {
    for (const spec of this.streams) await this.ensureStream(spec);
  }

  /** The agent's own durable in the JOBS stream; it may pull from no other and may not ask for one. */
  async ensureJobsConsumer(stream: string, name: string, filterSubject: string): Promise<void> {
    await this.manager.consumers.add(stream, {
      durable_name: name,
      filter_subject: filterSubject,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(3_000),
      max_ack_pending: 1_000,
    });
  }

  async close(): Promise<void> {
    await this.connection.drain();
  }

  private async ensureStream(spec: StreamSpec): Promise<void> {
    try {
      await this.manager.streams.info(spec.name);
      await this.manager.streams.update(spec.name, spec);
    } catch {
      await this.manager.streams.add(spec);
      this.log.info({ stream: spec.name }, 'Made a stream.');
    }
  }

  private async follow(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.up = false;
      if (status.type === 'disconnect' || status.type === 'error')
        this.log.warn({ nats: status.type }, 'The connection to NATS is disturbed.');
      if (status.type !== 'reconnect') continue;
      this.up = true;
      this.log.info('NATS is back.');
      for (const listener of this.reconnected) listener();
      // Not awaited: if the connection breaks again, the request fails only after some seconds.
      this.ensureStreams().catch((error) => this.log.warn({ err: error }, 'The streams could not be checked after a reconnect.'));
    }
  }
}

/** Offers of work. Short-lived: an offer not accepted in seconds is made anew, perhaps to another agent. */
export const JOBS_STREAM: StreamSpec = {
  name: 'JOBS',
  subjects: ['jobs.*'],
  retention: RetentionPolicy.Workqueue,
  discard: DiscardPolicy.New,
  storage: StorageType.File,
  max_age: nanos(10 * 60_000),
  max_bytes: 64 * 1024 * 1024,
};
