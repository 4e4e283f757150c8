import { isIPv6 } from 'node:net';

const MAX_KEYS = 10_000;

export type DoorLimits = {
  /** Sockets of one address that have not said yet who they are. As many viewers may come back at once when a server is back. */
  waiting: number;
  /** Sockets of one address whose callers are not signed in. */
  strangers: number;
  /** Sockets of one address within `windowMs` that never said who they are, or turned out to be strangers. */
  failures: number;
  windowMs: number;
};

export const DOOR_LIMITS: DoorLimits = { waiting: 1_000, strangers: 20, failures: 60, windowMs: 60_000 };

type Entry = { waiting: number; strangers: number; failures: number; untilMs: number };

type State = 'waiting' | 'stranger' | 'known' | 'gone';

/** What a socket's server tells the door of it. Each may be called more than once. */
export type Visit = {
  state(): State;
  /** @returns false: there are too many strangers from there, and this one must go */
  isStranger(): boolean;
  isKnown(): void;
  left(): void;
};

/** Counts web sockets of callers who are not signed in, by address; in memory of one server. */
export class SocketDoor {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly limits: DoorLimits = DOOR_LIMITS,
    private readonly now: () => number = Date.now,
  ) {}

  /** Milliseconds after which the address may try again; 0: now. */
  waitMs(address: string): number {
    const entry = this.entries.get(keyOf(address));
    if (!entry) return 0;
    const { waiting, strangers, failures, windowMs } = this.limits;
    if (entry.failures >= failures && entry.untilMs > this.now()) return entry.untilMs - this.now();
    return entry.waiting >= waiting || entry.strangers >= strangers ? windowMs : 0;
  }

  enter(address: string): Visit {
    const key = keyOf(address);
    const entry = this.entry(key);
    entry.waiting++;
    let state: State = 'waiting';
    const become = (next: State) => {
      if (state === 'waiting') entry.waiting--;
      if (state === 'stranger') entry.strangers--;
      if (next === 'stranger') entry.strangers++;
      // Counted when the socket is closed: until then the caller may still identify themselves.
      if (next === 'stranger' || (state === 'waiting' && next === 'gone')) this.failed(entry);
      state = next;
      if (next === 'gone') this.forget(key, entry);
    };
    return {
      state: () => state,
      isStranger: () => {
        if (state === 'waiting') become('stranger');
        return entry.strangers <= this.limits.strangers;
      },
      isKnown: () => {
        if (state !== 'gone') become('known');
      },
      left: () => {
        if (state !== 'gone') become('gone');
      },
    };
  }

  private failed(entry: Entry): void {
    if (entry.untilMs <= this.now()) {
      entry.failures = 0;
      entry.untilMs = this.now() + this.limits.windowMs;
    }
    entry.failures++;
  }

  private entry(key: string): Entry {
    const known = this.entries.get(key);
    if (known) return known;
    const made = { waiting: 0, strangers: 0, failures: 0, untilMs: 0 };
    this.entries.set(key, made);
    if (this.entries.size > MAX_KEYS) this.sweep();
    return made;
  }

  private forget(key: string, entry: Entry): void {
    if (isIdle(entry) && entry.untilMs <= this.now()) this.entries.delete(key);
  }

  /** What is over goes first; then the oldest that nobody has open. */
  private sweep(): void {
    for (const [key, entry] of this.entries) this.forget(key, entry);
    for (const [key, entry] of this.entries) {
      if (this.entries.size <= MAX_KEYS) return;
      if (isIdle(entry)) this.entries.delete(key);
    }
  }
}

const isIdle = ({ waiting, strangers }: Entry): boolean => waiting === 0 && strangers === 0;

/** Whoever has one IPv6 address has all of its /64. */
function keyOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail = ''] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const zeros = address.includes('::') ? 8 - before.length - (tail === '' ? 0 : tail.split(':').length) : 0;
  return [...before, ...Array<string>(zeros).fill('0')].slice(0, 4).join(':');
}
