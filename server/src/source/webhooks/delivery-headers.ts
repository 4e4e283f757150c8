import { shorten } from '@slipway/protocol';
import { CODE_HOSTS } from '../code-hosts/code-hosts.js';
import type { Headers } from '../code-hosts/signature.js';

/** What says who sent it and what it is. No signature, no token, no cookie, nothing of a proxy. */
const SHOWN: ReadonlySet<string> = new Set([
  'content-type',
  'user-agent',
  ...Object.values(CODE_HOSTS).flatMap(({ webhook }) => webhook.shownHeaders),
]);
const MAX_LENGTH = 500;

/** Headers of a delivery that are kept and shown; enough to know its sender again. */
export function shownHeaders(headers: Headers): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const name of SHOWN) {
    const value = headers[name];
    if (typeof value === 'string') shown[name] = shorten(value, MAX_LENGTH);
  }
  return shown;
}
