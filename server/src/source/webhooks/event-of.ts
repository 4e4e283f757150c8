import { shorten } from '@slipway/protocol';
import { CODE_HOSTS } from '../code-hosts/code-hosts.js';
import type { HostKind } from '../code-hosts/host-kinds.js';
import type { Headers } from '../code-hosts/signature.js';

const MAX_EVENT_LENGTH = 100;

/** What happened, as the host names it. */
export function eventOf(sender: HostKind, headers: Headers, body: Uint8Array): string {
  return shorten(CODE_HOSTS[sender].webhook.event(headers, body) ?? 'unknown', MAX_EVENT_LENGTH);
}
