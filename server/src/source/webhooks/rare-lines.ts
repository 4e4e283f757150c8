import type { Logger } from '../../platform/log.js';

const EVERY_MS = 60_000;
const MAX_KEYS = 1_000;

/** Log lines that anybody on the network could cause: at most one a minute for each key, which says how many were left out. */
export class RareLines {
  private readonly last = new Map<string, { atMs: number; leftOut: number }>();

  constructor(
    private readonly log: Pick<Logger, 'warn'>,
    private readonly now: () => number = Date.now,
  ) {}

  warn(key: string, details: Record<string, unknown>, message: string): void {
    const known = this.last.get(key);
    if (known && this.now() - known.atMs < EVERY_MS) {
      known.leftOut++;
      return;
    }
    this.last.delete(key);
    this.last.set(key, { atMs: this.now(), leftOut: 0 });
    // The key that was written longest ago goes first, so that memory stays bounded.
    if (this.last.size > MAX_KEYS) this.last.delete(this.last.keys().next().value as string);
    this.log.warn({ ...details, leftOut: known?.leftOut ?? 0 }, message);
  }
}
