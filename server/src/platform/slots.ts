import { DomainError } from './errors.js';

/**
 * Limits how many pieces of work run at once; others wait their turn, in order. So a page with many entries, or many people at once, can't start an
 * unlimited number of processes.
 */
export class Slots {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(
    size: number,
    /** More than these are turned away. */
    private readonly maxWaiting: number,
  ) {
    this.free = size;
  }

  /** @throws DomainError when too many wait already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }

  private async enter(): Promise<void> {
    if (this.free > 0) {
      this.free--;
      return;
    }
    if (this.waiting.length >= this.maxWaiting)
      throw new DomainError(
        'unavailable',
        'busy',
        'The server is already busy with too many requests of this kind. Try again in a few seconds.',
      );
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
