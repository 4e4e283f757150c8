import type { PullRequestFacts } from './pull-request-facts.js';

/** A branch or tag that has changed, according to the host. It is only a hint: the truth is fetched. */
export type MovedRef = { what: 'branch' | 'tag'; name: string; change: 'created' | 'moved' | 'deleted' };

/** Owner (or groups) and name at the host; several if the addresses of one repository have several endings; null: the host does not say. */
export type HostRepository = string | readonly string[] | null;

/** What a delivery means, regardless of which host it came from. */
export type HostNews =
  | { kind: 'refs'; repository: HostRepository; moved: MovedRef[] }
  | { kind: 'pull_request'; repository: HostRepository; facts: PullRequestFacts }
  | { kind: 'ping'; answer: string }
  | { kind: 'ignored'; why: string };

const NAMED = 3;

/** A sentence for people, e.g. "Branch main was pushed and tag v1 was deleted: a fetch was requested." */
export function describeRefs(moved: readonly MovedRef[]): string {
  const named = moved.slice(0, NAMED).map(({ what, name, change }) => `${what} ${name} was ${change === 'moved' ? 'pushed' : change}`);
  if (moved.length > NAMED) named.push(`${moved.length - NAMED} more were changed`);
  const last = named.pop() ?? 'something was pushed';
  const all = named.length > 0 ? `${named.join(', ')} and ${last}` : last;
  return `${all.charAt(0).toUpperCase()}${all.slice(1)}: a fetch was requested.`;
}

export const PONG = 'Pong: the host reaches this address, and its signature is right.';

export const ignored = (why: string): HostNews => ({ kind: 'ignored', why });

/** News of an event that Slipway does not use. */
export const notNeeded = (event: string): HostNews => ignored(`Slipway does not need "${event}" events. The host need not send them.`);

/**
 * Whether news about `told` (owner and name) is about the repository with the key `addressKey` (host and path). Host names are not compared,
 * because a server often has another name from the inside; neither is what precedes the owner, because a host may be served below a path.
 */
export function isAbout(told: HostRepository, addressKey: string | null): boolean {
  if (told === null || addressKey === null) return true;
  return [told].flat().some((end) => `/${addressKey}`.endsWith(`/${end.toLowerCase()}`));
}
