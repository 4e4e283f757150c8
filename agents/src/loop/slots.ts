/** Numbered places for work. The lowest free one is taken first, because its folders and network are warm. */
export class Slots {
  private readonly taken = new Set<number>();

  constructor(readonly total: number) {}

  get free(): number {
    return this.total - this.taken.size;
  }

  /** Null: all are taken. */
  take(): number | null {
    for (let slot = 0; slot < this.total; slot++) {
      if (this.taken.has(slot)) continue;
      this.taken.add(slot);
      return slot;
    }
    return null;
  }

  /** Gives up a slot for the first free one of `better`, if any. @returns the slot that is held now */
  exchange(slot: number, better: readonly number[]): number {
    if (better.includes(slot)) return slot;
    const free = better.find((candidate) => candidate < this.total && !this.taken.has(candidate));
    if (free === undefined) return slot;
    this.taken.delete(slot);
    this.taken.add(free);
    return free;
  }

  release(slot: number): void {
    this.taken.delete(slot);
  }
}
