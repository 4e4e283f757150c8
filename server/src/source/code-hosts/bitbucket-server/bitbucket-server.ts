import { completeRoot, webAddressOf } from '../api-root.js';
import { isBitbucketCloud } from '../bitbucket/sender.js';
import { bitbucketServerStatuses } from '../bitbucket/statuses.js';
import type { CodeHost } from '../code-host.js';
import { byScheme } from '../sign-in.js';
import { checkHexHmac, headerOf } from '../signature.js';
import { bitbucketServerList } from './list.js';
import { bitbucketServerNews } from './news.js';

const API = '/rest/api/latest';
/** There is a second API beside it, for builds among others. */
const ANY_VERSION = /\/rest\/api\/[^/]+$/;

/** Bitbucket Data Center, once Bitbucket Server. */
export const bitbucketServer: CodeHost = {
  name: 'Bitbucket Data Center',
  address: {
    services: {},
    hints: ['bitbucket'],
    usualApi: (url) => `${webAddressOf(url)}${API}`,
    apiRoot: (apiUrl) => (ANY_VERSION.test(apiUrl) ? apiUrl : completeRoot(API, apiUrl)),
  },
  signIn: { tokenUser: 'x-token-auth', authorization: byScheme('Bearer') },
  webhook: {
    shownHeaders: ['x-event-key', 'x-request-id', 'x-attempt-number'],
    proof: 'signature',
    secretField: 'the field "Secret" of the webhook (Repository settings → Webhooks)',
    isFrom: (headers) => headerOf(headers, 'x-event-key') !== null && !isBitbucketCloud(headers),
    verify: (secret, headers, body) => checkHexHmac(headerOf(headers, 'x-hub-signature'), 'sha256=', secret, body),
    event: (headers) => headerOf(headers, 'x-event-key'),
    deliveryId: (headers) => headerOf(headers, 'x-request-id'),
    news: bitbucketServerNews,
  },
  pullRequests: {
    headRef: (number) => `refs/pull-requests/${number}/from`,
    mergeMessages: { subject: [/^Merge pull request #(\d{1,9}) in /, /^Pull request #(\d{1,9}): /], body: [] },
    ...bitbucketServerList,
  },
  statuses: bitbucketServerStatuses,
};
