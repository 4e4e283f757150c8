import { setTimeout as delay } from 'node:timers/promises';
import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import {
  connect,
  errors,
  jwtAuthenticator,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  headers as natsHeaders,
} from '@nats-io/transport-node';
import { ControlMessage, inboxPrefix, Refusal, type RequestVerb, subjects } from '@slipway/protocol';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Identity } from './identity.js';

const REQUEST_TIMEOUT_MS = 5_000;
const PUBLISH_TIMEOUT_MS = 5_000;
const RETRY_MS = { first: 100, most: 5_000 };

/** The server refused, and would refuse again. */
export class RequestRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Of a {@link RequestRefused} that never reached the server: NATS takes no such message from this agent. */
export const NOT_SENDABLE = 'not_sendable';

/** The server did not answer, or could not now. */
class NotAnswered extends Error {}

export type LinkEvents = {
  /** Connected, or connected again: what the server knows of this agent may be old. */
  onUp(): void;
  onControl(message: ControlMessage): void;
};

/** The connection to NATS, for as long as its credentials are good; reconnects by itself. */
export class ServerLink {
  private readonly streams: JetStreamClient;
  /** Aborted at a reconnect, and then a new one: what was asked before, also while there was no connection, is not answered any more. */
  private cut = new AbortController();
  private up = true;

  private constructor(
    readonly identity: Identity,
    readonly connection: NatsConnection,
    private readonly log: Logger,
  ) {
    this.streams = jetstream(connection);
  }

  /** @throws when NATS can't be reached or does not let this agent in. */
  static async open(identity: Identity, seed: Uint8Array, events: LinkEvents, log: Logger): Promise<ServerLink> {
    const connection = await connect({
      servers: identity.natsUrl,
      name: `agent ${identity.agentId}`,
      authenticator: jwtAuthenticator(identity.jwt, seed),
      inboxPrefix: inboxPrefix(identity.agentId),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 200,
      reconnectJitter: 200,
      // Notices a cut network well within a lease.
      pingInterval: 3_000,
      maxPingOut: 2,
      timeout: 5_000,
    });
    const link = new ServerLink(identity, connection, log);
    link.listen(events);
    return link;
  }

  get agentId(): string {
    return this.identity.agentId;
  }

  /** False from when it is noticed that the connection broke until it is made again. */
  get isUp(): boolean {
    return this.up && !this.connection.isClosed();
  }

  private listen(events: LinkEvents): void {
    this.connection.subscribe(subjects.control(this.agentId), {
      callback: (error, message) => {
        const parsed = error ? null : ControlMessage.safeParse(jsonIn(message));
        if (parsed?.success) events.onControl(parsed.data);
        else this.log.warn({ err: error ?? parsed?.error }, 'A control message could not be read.');
      },
    });
    void this.follow(events);
  }

  private async follow(events: LinkEvents): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.up = false;
      if (status.type === 'reconnect') {
        this.up = true;
        this.askAnew();
        events.onUp();
      }
      if (status.type === 'disconnect' || status.type === 'reconnect') this.log.info(`NATS: ${status.type}.`);
      if (status.type === 'error') this.log.warn({ err: status.error }, 'NATS refused something.');
    }
  }

  private askAnew(): void {
    this.cut.abort(new NotAnswered('The connection was cut.'));
    this.cut = new AbortController();
  }

  /**
   * One try.
   * @throws RequestRefused, or another error when there was no answer in time
   */
  async ask<T>(verb: RequestVerb, payload: unknown, reply: z.ZodType<T>, timeoutMs = REQUEST_TIMEOUT_MS): Promise<T> {
    const message = await unlessCut(this.send(verb, JSON.stringify(payload), timeoutMs), this.cut.signal);
    const answer: unknown = message.json();
    const refusal = Refusal.safeParse(answer);
    if (!refusal.success) return reply.parse(answer);
    const { code, message: why, retry } = refusal.data.error;
    throw retry ? new NotAnswered(`${code}: ${why}`) : new RequestRefused(code, why);
  }

  /** What the client does not let out, such as more than the server's `max_payload`, it would not let out the next time. */
  private async send(verb: RequestVerb, body: string, timeout: number): Promise<Msg> {
    try {
      return await this.connection.request(subjects.request(this.agentId, verb), body, { timeout });
    } catch (error) {
      if (!(error instanceof errors.InvalidArgumentError)) throw error;
      throw new RequestRefused(
        NOT_SENDABLE,
        `A request "${verb}" of ${Buffer.byteLength(body)} bytes can't be sent over NATS: ${error.message}`,
      );
    }
  }

  /**
   * Until the server answers, however long it is away.
   * @throws RequestRefused; the signal's reason
   */
  async request<T>(verb: RequestVerb, payload: unknown, reply: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    for (let waitMs = RETRY_MS.first; ; waitMs = Math.min(RETRY_MS.most, waitMs * 2)) {
      signal.throwIfAborted();
      try {
        return await this.ask(verb, payload, reply);
      } catch (error) {
        if (error instanceof RequestRefused || this.connection.isClosed()) throw error;
        this.log.debug({ err: error, verb }, 'No answer; asking again.');
        await delay(waitMs * (0.5 + Math.random()), null, { signal });
      }
    }
  }

  /** Resolves once JetStream has it. */
  async publish(subject: string, body: Uint8Array, headers: Record<string, string>): Promise<void> {
    await unlessCut(this.streams.publish(subject, body, { headers: headersOf(headers), timeout: PUBLISH_TIMEOUT_MS }), this.cut.signal);
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}

/** @throws the signal's reason, at once when it is aborted */
function unlessCut<T>(answer: Promise<T>, cut: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(cut.reason);
    cut.addEventListener('abort', giveUp, { once: true });
    answer.then(resolve, reject).finally(() => cut.removeEventListener('abort', giveUp));
  });
}

/** Undefined for anything else: an error thrown to the NATS client would end the connection. */
function jsonIn(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}

function headersOf(values: Record<string, string>): MsgHdrs {
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(values)) headers.set(name, value);
  return headers;
}
