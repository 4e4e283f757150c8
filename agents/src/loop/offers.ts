import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { inboxPrefix, JobOffer, jobsConsumer, streams } from '@slipway/protocol';
import type { Logger } from 'pino';

const NANOSECONDS = 1_000_000;
const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 5_000;
const AFTER_TROUBLE_MS = { first: 250, most: 5_000 };

/** An offer, and how to say that it needs no other try. */
export type Offer = { attempt: string; acknowledge(): void };

export type OffersOptions = {
  agentId: string;
  connection: NatsConnection;
  freeSlots(): number;
  onOffer(offer: Offer): void;
  /** The consumer is missing: NATS lost its store, or the server has not created it yet. */
  onMissing(): void;
  log: Logger;
};

/**
 * Pulls offers from the agent's own consumer, no more than there are free slots. One pull is out at a time and waits at the
 * server until something comes; its heartbeats tell that it still does.
 *
 * The pull is made by hand, as an agent may ask JetStream for nothing but this:
 * https://docs.nats.io/reference/reference-protocols/nats_api_reference#fetching-from-a-pull-consumer
 */
export class Offers {
  private subscription: Subscription | null = null;
  /** Offers that the pull which is out may still bring. */
  private expected = 0;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private troubleMs = AFTER_TROUBLE_MS.first;

  constructor(private readonly options: OffersOptions) {}

  /** Pulls anew, whatever was out: after a connection was made, or made again. One that is closed brings nothing any more. */
  restart(): void {
    const { connection, agentId } = this.options;
    if (this.stopped || connection.isClosed()) return;
    this.subscription?.unsubscribe();
    this.subscription = connection.subscribe(createInbox(inboxPrefix(agentId)), {
      callback: (error, message) => {
        if (error) this.troubled(`${error}`);
        else this.receive(message);
      },
    });
    this.expected = 0;
    this.pull();
  }

  /** A slot became free. */
  more(): void {
    if (this.subscription && this.expected === 0) this.pull();
  }

  stop(): void {
    this.stopped = true;
    this.subscription?.unsubscribe();
    if (this.timer) clearTimeout(this.timer);
  }

  private pull(): void {
    const { connection, agentId, freeSlots } = this.options;
    this.expected = freeSlots();
    if (this.stopped || this.expected === 0 || !this.subscription || connection.isClosed()) return;
    const request = { batch: this.expected, expires: EXPIRES_MS * NANOSECONDS, idle_heartbeat: HEARTBEAT_MS * NANOSECONDS };
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${streams.jobs}.${jobsConsumer(agentId)}`, JSON.stringify(request), {
      reply: this.subscription.getSubject(),
    });
    this.watch(HEARTBEAT_MS * 2 + 1_000);
  }

  private receive(message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (code === 100) this.watch(HEARTBEAT_MS * 2 + 1_000);
    else if (code === 404 || code === 408)
      this.pull(); // it waited its time
    else if (code !== 0) this.troubled(`${code} ${message.headers?.description ?? ''}`);
    else this.offered(message);
  }

  private offered(message: Msg): void {
    this.troubleMs = AFTER_TROUBLE_MS.first;
    this.expected = Math.max(0, this.expected - 1);
    const offer = JobOffer.safeParse(readJson(message));
    if (offer.success) this.options.onOffer({ attempt: offer.data.attempt, acknowledge: () => void message.respond('+ACK') });
    else this.options.log.warn('An offer could not be read.');
    if (this.expected === 0) this.pull();
  }

  private troubled(what: string): void {
    this.options.log.debug({ what }, "Offers can't be pulled.");
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.options.onMissing();
      this.pull();
    }, this.troubleMs);
    this.troubleMs = Math.min(AFTER_TROUBLE_MS.most, this.troubleMs * 2);
  }

  /** Pulls again should nothing be heard of the pull that is out. nats-server 2.9 is silent when the consumer is missing. */
  private watch(ms: number): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.options.onMissing();
      this.restart();
    }, ms);
  }
}

function readJson(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return null;
  }
}
