import DataLoader from 'dataloader';

/** The credential of a caller; ending it ends everything that was opened with it. */
export type Credential = { kind: 'session' | 'token'; id: string; expiresAtMs: number };

/** The caller: a signed-in person, or a token that acts for one. */
export type Actor = { userId: string; isAdmin: boolean; credential?: Credential };

/** Cookies of the answer. `maxAgeMs` null takes the cookie back. */
export interface CookieJar {
  set(name: string, value: string, maxAgeMs: number | null): void;
}

export type ResolverClass<T extends object = object> = abstract new (...args: never[]) => T;

/** A permission that was checked. `made` rejects if it was refused; `again` checks it again. */
export type Decision = { made: Promise<void>; again(): Promise<void> };

export type BatchFn<K, V> = (keys: readonly K[]) => Promise<ArrayLike<V | Error>>;

/** What a resolver knows about the request that it answers. */
export interface GraphContext {
  /** null: not signed in. Fields with `@Can` never see null. */
  readonly actor: Actor | null;
  readonly requestId: string;
  /** Scheme and host as the caller addressed this server, without a slash at the end, e.g. `http://ci.example:4000`. */
  readonly origin: string;
  /** Network address of the caller, for limits on failed attempts. */
  readonly address: string;
  /** null on web sockets, where no cookie can be set. */
  readonly cookies: CookieJar | null;
  /**
   * Permissions checked for this request or subscription, so that each is checked once; a subscription checks all of them again when rights change.
   */
  readonly decisions: Map<string, Decision>;
  /** The instance of a resolver class, for the `subscribe` of its subscriptions, which type-graphql calls without one. */
  instanceOf<T extends object>(resolverClass: ResolverClass<T>): T;
  /**
   * The batching loader of that name; made on first use, so `batch` must depend on nothing but its keys.
   * It lives for one request, or for one event of a subscription: events never see what an earlier one had cached.
   */
  loader<K, V>(name: string, batch: BatchFn<K, V>): DataLoader<K, V>;
}

export type ContextFacts = Omit<GraphContext, 'loader' | 'decisions'> & { decisions?: Map<string, Decision> };

/** Given the context of a subscription it makes one for the next event: new loaders, the same caller and rights. */
export function createContext(facts: ContextFacts): GraphContext {
  const loaders = new Map<string, DataLoader<unknown, unknown>>();
  return {
    ...facts,
    decisions: facts.decisions ?? new Map(),
    loader<K, V>(name: string, batch: BatchFn<K, V>): DataLoader<K, V> {
      const known = loaders.get(name);
      if (known) return known as unknown as DataLoader<K, V>;
      const made = new DataLoader<K, V>(batch);
      loaders.set(name, made as unknown as DataLoader<unknown, unknown>);
      return made;
    },
  };
}

/** The actor of a context behind `@Can`, which refuses callers without one. */
export function actorOf(context: GraphContext): Actor {
  if (!context.actor) throw new Error('A field without @Can asked for its actor.');
  return context.actor;
}
