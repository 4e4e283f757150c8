import { type ControlMessage, LOG_COMPLETE } from '@slipway/protocol';
import type { BlobStore } from '../../platform/blob-store.js';
import type { Changes } from '../../platform/changes.js';
import { Tries } from '../../platform/dead-letters.js';
import { newId } from '../../platform/ids.js';
import type { Logger } from '../../platform/log.js';
import type { AttemptStanding, LogStore } from './log-store.js';
import type { LogTail, SealedState } from './log-tail.js';
import type { LogTails } from './log-tails.js';
import { nextPortion, sealPortion } from './seal-log.js';

/** Output is sealed after so long even where it is little. */
const MAX_UNSEALED_MS = 10_000;
const RENEW_MS = 5_000;
/** How often is looked whether the rest of a log has come whose attempt is over. */
const ENDING_MS = 1_000;
const SCAN_MS = 5_000;
const SCAN_LIMIT = 200;
const RETRY_MS = 2_000;
/** An attempt that ended without saying where its log ends may still have chunks under way. */
export const LOST_GRACE_MS = 10_000;
/** An agent that said where its log ends sends the rest as soon as it can; after so long it won't. */
const MISSING_GRACE_MS = 600_000;
const MISSING = 'The rest of this log is missing: the agent that had it did not come back.';

export type LogSealingDeps = {
  store: LogStore;
  tails: LogTails;
  blobs: BlobStore;
  changes: Changes;
  tell(agentId: string, message: ControlMessage): void;
  log: Logger;
  keepDays: number;
  lostGraceMs: number;
};

/**
 * Seals logs as they grow: each open log by one server at a time, under a lease in its row. A sealer that dies is
 * followed by another server, or by itself after a restart.
 */
export class LogSealing {
  private readonly sealerId = newId();
  private readonly working = new Map<string, Promise<void>>();
  private readonly wakes = new Set<Wake>();
  private readonly tries = new Tries();
  private stopped = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly deps: LogSealingDeps) {}

  /** Looks for open logs that nobody seals, now and from time to time. */
  start(): void {
    const scan = () => {
      void this.takeUnattended().finally(() => {
        if (!this.stopped) this.timer = setTimeout(scan, SCAN_MS).unref();
      });
    };
    scan();
  }

  /** May be called again for a log that is being sealed. */
  seal(attemptId: string): void {
    if (this.working.has(attemptId) || this.stopped) return;
    const work = this.sealUntilDone(attemptId)
      .finally(() => this.working.delete(attemptId))
      .then(() => this.tries.done(attemptId))
      .catch((error) => this.failed(attemptId, error))
      .catch((error) => this.deps.log.warn({ err: error, 'slipway.attempt': attemptId }, 'A log could not be set aside.'));
    this.working.set(attemptId, work);
  }

  /** One that can't be sealed is set aside: its chunks stay in the stream, and whoever tries it again finds them there. */
  private async failed(attemptId: string, error: unknown): Promise<void> {
    const { isOver, tries } = this.tries.failed(attemptId, error);
    const facts = { err: error, 'slipway.attempt': attemptId, tries };
    if (isOver) {
      this.deps.log.error(facts, "A log can't be sealed and was set aside.");
      await this.deps.store.setAside(attemptId, error, tries);
    } else {
      this.deps.log.warn(facts, 'A log could not be sealed; trying again.');
      setTimeout(() => this.seal(attemptId), RETRY_MS).unref();
    }
  }

  async close(): Promise<void> {
    this.stopped = true;
    for (const wake of this.wakes) wake.check();
    if (this.timer) clearTimeout(this.timer);
    await Promise.all(this.working.values());
    await this.deps.store.giveLeaseBack(this.sealerId).catch(() => undefined);
  }

  private async takeUnattended(): Promise<void> {
    try {
      for (const attemptId of await this.deps.store.unattended(SCAN_LIMIT)) this.seal(attemptId);
    } catch (error) {
      this.deps.log.warn({ err: error }, 'Open logs could not be looked for; trying again.');
    }
  }

  private async sealUntilDone(attemptId: string): Promise<void> {
    const lease = await this.deps.store.takeLease(attemptId, this.sealerId);
    const held = lease && (await this.deps.tails.acquire(attemptId));
    if (!held) return;
    const wake = new Wake();
    this.wakes.add(wake);
    const unwatch = this.deps.changes.watch('log', attemptId, () => wake.check());
    try {
      held.tail.advanceSealed(lease.sealed);
      await this.work(held.tail, lease.sealed, wake);
    } finally {
      unwatch();
      this.wakes.delete(wake);
      held.release();
    }
  }

  private async work(tail: LogTail, start: SealedState, wake: Wake): Promise<void> {
    let sealed = start;
    let checkAt = Date.now();
    let unsealedSince: number | null = null;
    let quiet: Quiet = { chunk: tail.window.nextChunk, since: Date.now() };
    while (!this.stopped) {
      const { version } = tail;
      unsealedSince = tail.unsealed().length > 0 ? (unsealedSince ?? Date.now()) : null;
      const isOverdue = unsealedSince !== null && Date.now() - unsealedSince >= MAX_UNSEALED_MS;
      const portion = nextPortion(tail, isOverdue);
      if (portion) {
        const after = await sealPortion({ ...this.deps, sealerId: this.sealerId }, tail, sealed, portion);
        if (!after) return;
        sealed = after;
        this.tellSealed(tail, sealed, portion.complete);
        if (portion.complete) return;
        unsealedSince = null;
      } else if (Date.now() >= checkAt || wake.takeCheck()) {
        const standing = await this.deps.store.takeLease(tail.attempt.attemptId, this.sealerId);
        if (!standing) return;
        quiet = quiet.chunk === tail.window.nextChunk ? quiet : { chunk: tail.window.nextChunk, since: Date.now() };
        considerEnd(tail, standing, Date.now() - quiet.since, this.deps.lostGraceMs);
        checkAt = Date.now() + (standing.endedMs === null ? RENEW_MS : ENDING_MS);
      } else {
        const dueAt = unsealedSince === null || isOverdue ? checkAt : Math.min(checkAt, unsealedSince + MAX_UNSEALED_MS);
        await wake.wait(tail, version, dueAt - Date.now());
      }
    }
  }

  private tellSealed(tail: LogTail, sealed: SealedState, complete: boolean): void {
    tail.advanceSealed(sealed);
    const through = complete ? LOG_COMPLETE : sealed.chunks - 1;
    this.deps.tell(tail.attempt.agentId, { kind: 'sealed', attempt: tail.attempt.attemptId, through });
  }
}

type Quiet = { chunk: number; since: number };

/** Decides whether the log of an ended attempt is complete although its last chunk has not arrived. */
function considerEnd(tail: LogTail, { endedMs, lastChunk }: AttemptStanding, quietMs: number, lostGraceMs: number): void {
  if (endedMs === null || tail.complete) return;
  if (lastChunk === null) {
    if (Math.min(endedMs, quietMs) >= lostGraceMs) tail.giveUp(null);
  } else if (tail.window.nextChunk > lastChunk) tail.giveUp(null);
  else if (Math.min(endedMs, quietMs) >= MISSING_GRACE_MS) tail.giveUp(MISSING);
  else tail.askAgain();
}

/** Wakes the sealer of one log. */
class Wake {
  private isCheckWanted = false;
  private wake: () => void = () => {};

  /** Its attempt has changed, or sealing is to stop: look again at once. */
  check(): void {
    this.isCheckWanted = true;
    this.wake();
  }

  takeCheck(): boolean {
    const wanted = this.isCheckWanted;
    this.isCheckWanted = false;
    return wanted;
  }

  async wait(tail: LogTail, version: number, ms: number): Promise<void> {
    if (this.isCheckWanted) return;
    const done = new AbortController();
    this.wake = () => done.abort();
    const timer = setTimeout(this.wake, Math.max(1, ms));
    await tail.changed(version, done.signal);
    clearTimeout(timer);
  }
}
