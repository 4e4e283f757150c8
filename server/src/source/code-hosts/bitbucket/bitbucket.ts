import { completeRoot, webAddressOf } from '../api-root.js';
import type { CodeHost } from '../code-host.js';
import { byScheme } from '../sign-in.js';
import { checkHexHmac, headerOf } from '../signature.js';
import { bitbucketList } from './list.js';
import { bitbucketNews } from './news.js';
import { isBitbucketCloud } from './sender.js';
import { bitbucketStatuses } from './statuses.js';

const API = '/2.0';

/** Bitbucket Cloud. */
export const bitbucket: CodeHost = {
  name: 'Bitbucket Cloud',
  address: {
    services: { 'bitbucket.org': 'https://api.bitbucket.org/2.0' },
    hints: [],
    usualApi: (url) => `${webAddressOf(url)}${API}`,
    apiRoot: (apiUrl) => completeRoot(API, apiUrl),
  },
  signIn: { tokenUser: 'x-token-auth', authorization: byScheme('Bearer') },
  webhook: {
    shownHeaders: ['x-event-key', 'x-request-uuid', 'x-hook-uuid', 'x-attempt-number'],
    proof: 'signature',
    secretField: 'the field "Secret" of the webhook (Repository settings → Webhooks)',
    isFrom: (headers) => headerOf(headers, 'x-event-key') !== null && isBitbucketCloud(headers),
    verify: (secret, headers, body) => checkHexHmac(headerOf(headers, 'x-hub-signature'), 'sha256=', secret, body),
    event: (headers) => headerOf(headers, 'x-event-key'),
    deliveryId: (headers) => headerOf(headers, 'x-request-uuid'),
    news: bitbucketNews,
  },
  pullRequests: {
    headRef: () => null,
    mergeMessages: { subject: [/^Merged in .* \(pull request #(\d{1,9})\)$/], body: [] },
    ...bitbucketList,
  },
  statuses: bitbucketStatuses,
};
