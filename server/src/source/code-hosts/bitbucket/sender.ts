import { type Headers, headerOf } from '../signature.js';

/** Both Bitbuckets send X-Event-Key. Proxies add X-Request-Id, which Data Center means, to what the Cloud sends; these two are the Cloud's alone. */
export const isBitbucketCloud = (headers: Headers): boolean =>
  headerOf(headers, 'x-request-uuid') !== null || headerOf(headers, 'x-hook-uuid') !== null;
