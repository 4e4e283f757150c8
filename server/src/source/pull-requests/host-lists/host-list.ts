import type { HostApi } from '../../mirrors/ports.js';
import { callHost, type HostFetch } from '../../repositories/call-host.js';
import type { PullRequestFacts } from '../ports.js';

/** `hasNext`: of a list, whether the host says that there is another page (RFC 8288, `rel="next"`). */
export type Asked = { body: unknown; hasNext: boolean };

/** Asks the host of one repository. @throws HostSilent, HostRefused: their messages are for people */
export type AskHost = (path: string) => Promise<Asked>;

export type Page = { facts: PullRequestFacts[]; next: string | null };

/** How one kind of host lists pull requests. */
export interface HostList {
  /** Address of the first page of those that are open. */
  first(path: string): string;
  /** What a page says, and where it goes on. */
  page(ask: AskHost, path: string, at: string, asked: Asked): Promise<Page>;
  one(ask: AskHost, path: string, number: number): Promise<PullRequestFacts>;
}

/** The host answered, but not with what was asked for. */
export class HostRefused extends Error {
  constructor(
    host: string,
    readonly status: number,
  ) {
    super(
      `${host} answered ${status} when asked for pull requests. ${status === 401 || status === 403 ? 'The token may not read them, or no longer.' : 'Slipway asks again at the next poll.'}`,
    );
  }
}

export function askHost(fetch: HostFetch, api: HostApi): AskHost {
  return async (path) => {
    const answer = await callHost(fetch, api, { method: 'GET', path });
    if (answer.status !== 200) throw new HostRefused(new URL(api.apiUrl).host, answer.status);
    return { body: JSON.parse(answer.text), hasNext: /rel="?next"?/.test(answer.link ?? '') };
  };
}

/** The address of the next page where pages are counted. The host's own is not followed: it would take the credential where it points. */
export function nextCounted(at: string, hasNext: boolean): string | null {
  return hasNext ? at.replace(/([?&]page=)(\d+)/, (_all, name, page) => `${name}${Number(page) + 1}`) : null;
}
