import { callHost, type HostFetch } from './call-host.js';
import type { HostApi } from './host-api.js';
import type { AskHost } from './requests.js';

/** 203 and 302: a page to sign in at. */
const UNREADABLE: readonly number[] = [203, 302, 401, 403];

/** The host answered, but not with what was asked for. */
export class HostRefused extends Error {
  constructor(
    host: string,
    readonly status: number,
  ) {
    super(
      `${host} answered ${status} when asked for pull requests. ${UNREADABLE.includes(status) ? 'The token may not read them, or no longer.' : 'Slipway asks again at the next poll.'}`,
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
