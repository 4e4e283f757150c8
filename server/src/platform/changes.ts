import type { ChangedThing } from './database.js';

export type ThingKey = { thing: ChangedThing; id: string };
type Listener = () => void;

/**
 * "This thing changed, read it again", within one server. Fed by the server's own commits and by `changed.*` from other servers. It carries no data
 * and may repeat; `everything()` wakes all listeners after a reconnect, because something may have been missed.
 */
export class Changes {
  private readonly listeners = new Map<string, Set<Listener>>();

  /** @param id `*` watches every thing of the kind. @returns a function that stops watching */
  watch(thing: ChangedThing, id: string, listener: Listener): () => void {
    const key = `${thing}.${id}`;
    const set = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0) this.listeners.delete(key);
    };
  }

  /** Ids of the things of a kind that somebody watches one by one. */
  watched(thing: ChangedThing): string[] {
    const prefix = `${thing}.`;
    return [...this.listeners.keys()]
      .filter((key) => key.startsWith(prefix) && key !== `${prefix}*`)
      .map((key) => key.slice(prefix.length));
  }

  /** @param key `<thing>.<id>` */
  emit(key: string): void {
    const thing = key.slice(0, key.indexOf('.'));
    for (const listener of [...(this.listeners.get(key) ?? []), ...(this.listeners.get(`${thing}.*`) ?? [])]) listener();
  }

  everything(): void {
    for (const set of [...this.listeners.values()]) for (const listener of [...set]) listener();
  }
}
