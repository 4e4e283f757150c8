import type { Checkout, ControlMessage, Renew, Renewed, Report, Work } from '@slipway/protocol';
import type { Logger } from 'pino';
import type { StopReason } from '../job/stop-reason.js';
import type { PublishChunk } from '../logs/attempt-log.js';
import { HeldAttempt, type Perform } from './held-attempt.js';
import type { Offer } from './offers.js';
import { RequestRefused } from './server-link.js';
import type { Slots } from './slots.js';

/** A log that the server has not sealed by then will never be sealed: the server has given it up. */
const UNSEALED_MS = 60 * 60_000;
/** Offers may come again long after they were taken; these are remembered. */
const REMEMBERED = 1_000;

export type AttemptsDeps = {
  agentId(): string;
  /** Asks until it is answered: an attempt whose answer was lost may be this agent's, and is held until that is known. */
  accept(attempt: string): Promise<Work>;
  /** Asks until it is answered, or the signal says to stop. */
  report(report: Report, signal: AbortSignal): Promise<unknown>;
  publish: PublishChunk;
  slots: Slots;
  /** Slots that hold an earlier checkout which the job could take. */
  slotsWith(checkout: Checkout | null): Promise<number[]>;
  spoolDir: string;
  /** Does a job in its slot. */
  perform(slot: number): Perform;
  /** A slot became free. */
  onFree(): void;
  /** The server accepts another process as this agent, and will offer this one nothing. */
  onReplaced(): void;
  log: Logger;
};

/** The attempts that this agent holds: those that run, and ended ones whose last report or log is still being sent. */
export class Attempts {
  private readonly accepting = new Set<string>();
  private readonly accepted = new Set<string>();
  private readonly held = new Map<string, HeldAttempt>();
  private readonly settling = new Set<Promise<void>>();

  constructor(private readonly deps: AttemptsDeps) {}

  /** Ids of those that run. */
  get running(): string[] {
    return [...this.held.values()].filter((attempt) => attempt.isRunning).map((attempt) => attempt.id);
  }

  /** Ids of all attempts that this agent will still report on: being accepted, running, or over but not reported yet. */
  get holding(): string[] {
    return [...new Set([...this.accepting, ...this.held.keys()])];
  }

  /** Every attempt of which the server may still want something. */
  get toRenew(): Renew['attempts'] {
    return [...this.held.values()].map(({ work }) => ({ attempt: work.attempt, number: work.number }));
  }

  /**
   * Accepts an offer and does the work. Acknowledges it once the server has answered: an offer that is not accepted comes
   * again, here or elsewhere. One that comes twice is taken once.
   */
  async take(offer: Offer): Promise<void> {
    const { slots, log } = this.deps;
    if (this.accepted.has(offer.attempt)) return offer.acknowledge();
    if (this.accepting.has(offer.attempt)) return;
    let slot = slots.take();
    if (slot === null) return; // it comes again in some seconds, or goes to another agent
    this.accepting.add(offer.attempt);
    try {
      const work = await this.deps.accept(offer.attempt);
      this.remember(work.attempt);
      offer.acknowledge();
      slot = slots.exchange(slot, await this.deps.slotsWith(work.checkout));
      await this.hold(work, slot);
    } catch (error) {
      if (error instanceof RequestRefused) this.refused(offer, error);
      log.info({ err: error, attempt: offer.attempt }, 'An offer was not accepted.');
    } finally {
      this.accepting.delete(offer.attempt);
      slots.release(slot);
      this.deps.onFree();
    }
  }

  /** A hello of the previous process may have overtaken ours; if that process is gone, ours counts again. */
  private refused(offer: Offer, { code }: RequestRefused): void {
    offer.acknowledge();
    if (code === 'process_replaced') this.deps.onReplaced();
  }

  private remember(attempt: string): void {
    this.accepted.add(attempt);
    for (const oldest of this.accepted) {
      if (this.accepted.size <= REMEMBERED) break;
      this.accepted.delete(oldest);
    }
  }

  private async hold(work: Work, slot: number): Promise<void> {
    const { agentId, spoolDir, publish, report, log } = this.deps;
    const attempt = await HeldAttempt.open(work, { agentId: agentId(), spoolDir, publish, send: report, log });
    this.held.set(work.attempt, attempt);
    log.info({ attempt: work.attempt, job: work.jobName, run: work.runNumber, project: work.project, slot }, 'Working.');
    await attempt.run(this.deps.perform(slot));
    const settling = this.settle(attempt).finally(() => this.settling.delete(settling));
    this.settling.add(settling);
  }

  private async settle(attempt: HeldAttempt): Promise<void> {
    await attempt.settled();
    if (attempt.isLost) return this.drop(attempt);
    // Its log stays until it is sealed, because the server may ask for it again.
    const tooLong = setTimeout(() => void this.drop(attempt), UNSEALED_MS).unref();
    void attempt.sealed.then(() => {
      clearTimeout(tooLong);
      this.held.delete(attempt.id);
    });
  }

  private async drop(attempt: HeldAttempt): Promise<void> {
    this.held.delete(attempt.id);
    await attempt.abandonLog().catch((error) => this.deps.log.warn({ err: error, attempt: attempt.id }, 'A log could not be removed.'));
  }

  renewed(renewed: Renewed): void {
    for (const { attempt: id, held, cancel, sealedThrough, resendFrom } of renewed.attempts) {
      const attempt = this.held.get(id);
      if (!attempt) continue;
      if (!held && attempt.isRunning) attempt.stop({ kind: 'lost' });
      else if (cancel !== null) attempt.stop({ kind: 'cancel', reason: cancel });
      attempt.logSealed(sealedThrough);
      if (resendFrom !== null) attempt.resendLog(resendFrom);
    }
  }

  control(message: Extract<ControlMessage, { attempt: string }>): void {
    const attempt = this.held.get(message.attempt);
    if (message.kind === 'cancel') attempt?.stop({ kind: 'cancel', reason: message.reason });
    else if (message.kind === 'sealed') attempt?.logSealed(message.through);
    else attempt?.resendLog(message.from);
  }

  stopAll(reason: StopReason): void {
    for (const attempt of this.held.values()) if (attempt.isRunning) attempt.stop(reason);
  }

  /** Resolves when nothing runs and all outcomes are reported. */
  async idle(): Promise<void> {
    while (this.accepting.size > 0 || this.settling.size > 0) {
      if (this.settling.size > 0) await Promise.race(this.settling);
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Lets go of the logs that are not sealed yet. */
  async close(): Promise<void> {
    await Promise.all([...this.held.values()].map((attempt) => attempt.abandonLog()));
  }
}
