import type { LogStore } from './log-store.js';
import { LogTail, type LogTailDeps } from './log-tail.js';

/** A tail nobody reads is kept for so long, for who comes back. */
const IDLE_MS = 15_000;
/** How often tails hear from the database what another server has sealed. */
const CATCH_UP_MS = 1_000;

type Entry = { tail: LogTail; users: number; idle: NodeJS.Timeout | null };

export type HeldTail = { tail: LogTail; release(): void };

/** One tail for an attempt and server, shared by the sealer and all readers, as long as one of them holds it. */
export class LogTails {
  private readonly entries = new Map<string, Promise<Entry | null>>();
  private readonly open = new Map<string, Entry>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly store: LogStore,
    private readonly deps: LogTailDeps,
  ) {
    this.timer = setInterval(() => void this.catchUp(), CATCH_UP_MS).unref();
  }

  /** Null when there is no log (yet), or it is complete and all of it sealed. */
  async acquire(attemptId: string): Promise<HeldTail | null> {
    let opening = this.entries.get(attemptId);
    if (!opening) {
      opening = this.start(attemptId);
      this.entries.set(attemptId, opening);
    }
    const entry = await opening.catch((error) => {
      this.entries.delete(attemptId);
      throw error;
    });
    if (!entry) this.entries.delete(attemptId);
    return entry && this.hold(attemptId, entry);
  }

  /** The chunk that an attempt's agent is to send again from, if one is missing. */
  missingFrom(attemptId: string): number | null {
    return this.open.get(attemptId)?.tail.missingFrom ?? null;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    const entries = [...this.open.values()];
    this.open.clear();
    this.entries.clear();
    await Promise.all(
      entries.map(({ tail, idle }) => {
        if (idle) clearTimeout(idle);
        return tail.stop();
      }),
    );
  }

  private async start(attemptId: string): Promise<Entry | null> {
    const facts = await this.store.facts(attemptId);
    if (!facts || facts.complete) return null;
    const tail = new LogTail(facts.attempt, facts.sealed, this.deps);
    tail.start();
    const entry: Entry = { tail, users: 0, idle: null };
    this.open.set(attemptId, entry);
    return entry;
  }

  private hold(attemptId: string, entry: Entry): HeldTail {
    entry.users += 1;
    if (entry.idle) clearTimeout(entry.idle);
    entry.idle = null;
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      entry.users -= 1;
      if (entry.users === 0) entry.idle = setTimeout(() => void this.drop(attemptId, entry), IDLE_MS).unref();
    };
    return { tail: entry.tail, release };
  }

  private async drop(attemptId: string, entry: Entry): Promise<void> {
    this.entries.delete(attemptId);
    this.open.delete(attemptId);
    await entry.tail.stop();
  }

  private async catchUp(): Promise<void> {
    const held = [...this.open].filter(([, { tail }]) => tail.unsealed().length > 0);
    if (held.length === 0) return;
    try {
      const sealed = await this.store.sealed(held.map(([id]) => id));
      for (const [id, { tail }] of held) {
        const state = sealed.get(id);
        if (state) tail.advanceSealed(state);
      }
    } catch (error) {
      this.deps.log.debug({ err: error }, 'The sealed part of a log could not be looked up; trying again.');
    }
  }
}
