import type { PullRequestFacts } from './pull-request-facts.js';

/** A branch or tag that is another than before, as the host tells it. Only a hint: what is true is fetched. */
export type MovedRef = { what: 'branch' | 'tag'; name: string; change: 'created' | 'moved' | 'deleted' };

/** Owner and name (or groups) at the host; several where addresses of one repository end in several ways; null: the host does not say. */
export type HostRepository = string | readonly string[] | null;

/** What a delivery means, whichever host it came from. */
export type HostNews =
  | { kind: 'refs'; repository: HostRepository; moved: MovedRef[] }
  | { kind: 'pull_request'; repository: HostRepository; facts: PullRequestFacts }
  | { kind: 'ping'; answer: string }
  | { kind: 'ignored'; why: string };

const NAMED = 3;

/** Sentence for people, e.g. "Branch main was pushed and tag v1 was deleted: a fetch was requested." */
export function describeRefs(moved: readonly MovedRef[]): string {
  const named = moved.slice(0, NAMED).map(({ what, name, change }) => `${what} ${name} was ${change === 'moved' ? 'pushed' : change}`);
  if (moved.length > NAMED) named.push(`${moved.length - NAMED} more were changed`);
  const last = named.pop() ?? 'something was pushed';
  const all = named.length > 0 ? `${named.join(', ')} and ${last}` : last;
  return `${all.charAt(0).toUpperCase()}${all.slice(1)}: a fetch was requested.`;
}

export const PONG = 'Pong: the host reaches this address, and its signature is right.';

export const ignored = (why: string): HostNews => ({ kind: 'ignored', why });

/** Of an event that Slipway has no use for. */
export const notNeeded = (event: string): HostNews => ignored(`Slipway does not need "${event}" events. The host need not send them.`);

/**
 * Whether news of `told` (owner and name) is about the repository known by `addressKey` (host and path). The host's name is not compared: servers
 * are often reached under another one from inside; nor is what stands before the owner, as hosts may live below a path.
 */
export function isAbout(told: HostRepository, addressKey: string | null): boolean {
  if (told === null || addressKey === null) return true;
  return [told].flat().some((end) => `/${addressKey}`.endsWith(`/${end.toLowerCase()}`));
}
