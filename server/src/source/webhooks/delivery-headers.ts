import { shorten } from '@slipway/protocol';
import type { Headers } from './signature.js';

/** What says who sent it and what it is. No signature, no token, no cookie, nothing of a proxy. */
const SHOWN: readonly string[] = [
  'content-type',
  'user-agent',
  'x-github-event',
  'x-github-delivery',
  'x-github-hook-id',
  'x-gitea-event',
  'x-gitea-event-type',
  'x-gitea-delivery',
  'x-forgejo-event',
  'x-forgejo-event-type',
  'x-forgejo-delivery',
  'x-gitlab-event',
  'x-gitlab-event-uuid',
  'x-gitlab-webhook-uuid',
  'x-gitlab-instance',
  'idempotency-key',
  'webhook-id',
  'webhook-timestamp',
  'x-event-key',
  'x-request-uuid',
  'x-request-id',
  'x-hook-uuid',
  'x-attempt-number',
];
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
