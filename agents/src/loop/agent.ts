import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AgentRole,
  type Checkout,
  type ControlMessage,
  type Renew,
  Renewed,
  Reported,
  type RequestVerb,
  type SandboxFacts,
  Welcome,
  Work,
} from '@slipway/protocol';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { DeployTarget } from '../deploy/deploy-target.js';
import { GRACE_MS } from '../sandbox/sandbox.js';
import { Attempts } from './attempts.js';
import type { Perform } from './held-attempt.js';
import type { Identity } from './identity.js';
import { machineLoad } from './machine-load.js';
import { Offers } from './offers.js';
import { RequestRefused, ServerLink } from './server-link.js';
import { Slots } from './slots.js';

const RETRY_MS = { first: 250, most: 5_000 };
/** How long a fast stop waits for running work to end and for the server to hear of it. */
const LAST_WORDS_MS = GRACE_MS + 5_000;

export type AgentOptions = {
  version: string;
  roles: AgentRole[];
  tags: string[];
  slots: number;
  dir: string;
  spoolDir: string;
  sandbox: SandboxFacts;
  /** Null: try again later. */
  identify(): Promise<Identity | null>;
  seed: Uint8Array;
  /** Slots that hold an earlier checkout which a job could take. */
  slotsWith(checkout: Checkout | null): Promise<number[]>;
  /** Does a job in its slot; the address of the server is asked for when it is needed. */
  perform(slot: number): Perform;
  deploy: DeployTarget | null;
  log: Logger;
};

/** The life of the agent: connects, says what it offers, takes work, renews its leases, and leaves in order. */
export class Agent {
  private link: ServerLink | null = null;
  private offers: Offers | null = null;
  private renewal: NodeJS.Timeout | null = null;
  private readonly slots: Slots;
  private readonly attempts: Attempts;
  private isDraining = false;
  /** Distinguishes this process from the one before, whose work is lost. */
  private readonly process = randomUUID();
  private readonly ended = new AbortController();
  private greeting: Promise<void> | null = null;

  constructor(private readonly options: AgentOptions) {
    this.slots = new Slots(options.slots);
    this.attempts = new Attempts({
      agentId: () => this.connected.agentId,
      accept: (attempt) => this.request('accept', { attempt, process: this.process }, Work),
      report: (report, signal) => this.request('report', report, Reported, signal),
      publish: async (...chunk) => this.connected.publish(...chunk),
      slots: this.slots,
      slotsWith: options.slotsWith,
      spoolDir: options.spoolDir,
      perform: options.perform,
      onFree: () => this.offers?.more(),
      onReplaced: () => void this.greet(),
      log: options.log,
    });
  }

  /** The connection; while there is none, what wants to use it has to try again. */
  private get connected(): ServerLink {
    if (!this.link) throw new Error('Not connected yet.');
    return this.link;
  }

  /**
   * Asks the server until it answers, over this connection or the next.
   * @throws RequestRefused; the signal's reason
   */
  async request<T>(verb: RequestVerb, payload: unknown, reply: z.ZodType<T>, stop?: AbortSignal): Promise<T> {
    const signal = stop ? AbortSignal.any([stop, this.ended.signal]) : this.ended.signal;
    for (;;) {
      try {
        return await this.connected.request(verb, payload, reply, signal);
      } catch (error) {
        if (error instanceof RequestRefused || signal.aborted) throw error;
        await delay(RETRY_MS.first, null, { signal });
      }
    }
  }

  /** Until {@link drain} or {@link stop} has ended it. Gets in again whenever the server has shut it out. */
  async run(): Promise<void> {
    const { signal } = this.ended;
    for (let waitMs = RETRY_MS.first; !signal.aborted; ) {
      const link = await this.enter();
      if (link) {
        waitMs = RETRY_MS.first;
        const error = await link.connection.closed();
        if (!signal.aborted) this.options.log.warn({ err: error }, 'The connection was closed; enrolling again.');
      }
      await delay(waitMs * (0.5 + Math.random()), null, { signal }).catch(() => {});
      waitMs = Math.min(RETRY_MS.most, waitMs * 2);
    }
  }

  private async enter(): Promise<ServerLink | null> {
    const { log, seed } = this.options;
    const identity = await this.options.identify();
    if (!identity || this.ended.signal.aborted) return null;
    if (this.link && this.link.agentId !== identity.agentId) throw new Error('The server now knows this agent by another id. Restart it.');
    const events = { onUp: () => void this.greet(), onControl: (message: ControlMessage) => this.control(message) };
    try {
      this.link = await ServerLink.open(identity, seed, events, log);
    } catch (error) {
      log.info({ err: error }, "NATS can't be reached; trying again.");
      return null;
    }
    this.offers?.stop();
    this.offers = this.offersOf(this.link);
    void this.greet();
    return this.link;
  }

  private offersOf(link: ServerLink): Offers {
    return new Offers({
      agentId: link.agentId,
      connection: link.connection,
      freeSlots: () => (this.isDraining ? 0 : this.slots.free),
      onOffer: (offer) => void this.attempts.take(offer),
      onMissing: () => {
        // Without a connection it can't be sent; after a reconnect it is sent anyway.
        if (link.isUp) void this.greet();
      },
      log: this.options.log,
    });
  }

  /** Says what this agent offers, and begins to take work. Runs one at a time, and again after each reconnect. */
  private greet(): Promise<void> {
    this.greeting ??= this.sayHello()
      .catch((error) => {
        if (!this.ended.signal.aborted) this.options.log.error({ err: error }, 'The server refuses this agent.');
      })
      .finally(() => {
        this.greeting = null;
      });
    return this.greeting;
  }

  private async sayHello(): Promise<void> {
    const { version, roles, tags, slots, sandbox } = this.options;
    const hello = {
      version,
      roles,
      tags,
      slots: this.isDraining ? 0 : slots,
      hostname: hostname(),
      platform: `${process.platform}-${process.arch}`,
      sandbox,
      process: this.process,
      holding: this.attempts.holding,
    };
    const welcome = await this.request('hello', hello, Welcome);
    this.options.log.info({ agentId: this.connected.agentId, slots: hello.slots }, 'The server knows this agent.');
    this.applyAll(welcome.environments);
    this.renewEvery(welcome.renewEveryMs);
    this.offers?.restart();
  }

  private renewEvery(ms: number): void {
    if (this.renewal) clearInterval(this.renewal);
    this.renewal = setInterval(() => void this.renew(ms), ms);
    void this.renew(ms);
  }

  /** If one renewal fails, the next makes up for it: three fit into a lease. Builds continue however many fail. */
  private async renew(timeoutMs: number): Promise<void> {
    const { log, dir } = this.options;
    try {
      const load = await machineLoad(dir);
      const renewal: Renew = { attempts: this.attempts.toRenew, load };
      const renewed = await this.connected.ask('renew', renewal, Renewed, timeoutMs);
      this.attempts.renewed(renewed);
      this.applyAll(renewed.environments);
    } catch (error) {
      log.debug({ err: error }, 'The leases could not be renewed this time.');
    }
  }

  private control(message: ControlMessage): void {
    if (message.kind === 'apply') this.applyAll([message]);
    // The server gives a draining agent no more work by itself.
    else if (message.kind === 'drain') this.options.log.info('This agent is draining: the server gives it no new work.');
    else this.attempts.control(message);
  }

  private applyAll(environments: { environmentId: string; generation: number }[]): void {
    const { deploy, log } = this.options;
    const present = new Map(deploy?.environments().map(({ environmentId, generation }) => [environmentId, generation]));
    for (const { environmentId, generation } of environments) {
      if ((present.get(environmentId) ?? -1) >= generation) continue;
      deploy
        ?.apply(environmentId, generation)
        .catch((error) => log.warn({ err: error, environmentId, generation }, 'A generation could not be applied.'));
    }
  }

  /** Finishes what runs, takes no more, then ends. */
  async drain(): Promise<void> {
    this.options.log.info({ running: this.attempts.running.length }, 'Draining: finishing what runs, taking no new work.');
    this.isDraining = true;
    this.offers?.stop();
    if (this.link) void this.greet();
    await this.attempts.idle();
    await this.end({ instances: false });
  }

  /** Stops what runs, reports it if the server can be reached, and ends. */
  async stop({ instances }: { instances: boolean }): Promise<void> {
    this.isDraining = true;
    this.offers?.stop();
    this.attempts.stopAll({ kind: 'shutdown' });
    await Promise.race([this.attempts.idle(), delay(LAST_WORDS_MS, null, { ref: false })]);
    await this.end({ instances });
  }

  private async end({ instances }: { instances: boolean }): Promise<void> {
    if (this.ended.signal.aborted) return;
    await this.options.deploy?.stop({ instances });
    if (this.renewal) clearInterval(this.renewal);
    this.ended.abort();
    this.offers?.stop();
    await this.attempts.close();
    await this.link?.close();
  }
}
