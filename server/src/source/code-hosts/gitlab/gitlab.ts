import { completeRoot, webAddressOf } from '../api-root.js';
import type { CodeHost } from '../code-host.js';
import { byScheme } from '../sign-in.js';
import { checkStandardWebhook, checkToken, type Headers, headerOf, type Verdict } from '../signature.js';
import { gitlabList } from './list.js';
import { gitlabNews } from './news.js';
import { gitlabStatuses } from './statuses.js';

const API = '/api/v4';

export const gitlab: CodeHost = {
  name: 'GitLab',
  address: {
    services: { 'gitlab.com': null },
    hints: ['gitlab'],
    usualApi: (url) => `${webAddressOf(url)}${API}`,
    apiRoot: (apiUrl) => completeRoot(API, apiUrl),
  },
  signIn: { tokenUser: 'oauth2', authorization: byScheme('Bearer') },
  webhook: {
    shownHeaders: [
      'x-gitlab-event',
      'x-gitlab-event-uuid',
      'x-gitlab-webhook-uuid',
      'x-gitlab-instance',
      'idempotency-key',
      'webhook-id',
      'webhook-timestamp',
    ],
    proof: 'signature',
    secretField: 'the field "Secret token" of the webhook (Settings → Webhooks)',
    isFrom: (headers) => headerOf(headers, 'x-gitlab-event') !== null,
    verify,
    event: (headers) => headerOf(headers, 'x-gitlab-event'),
    // X-Gitlab-Event-UUID is not unique: webhooks that were caused by a webhook share it.
    deliveryId: (headers) => headerOf(headers, 'idempotency-key') ?? headerOf(headers, 'webhook-id'),
    news: gitlabNews,
  },
  pullRequests: {
    headRef: (number) => `refs/merge-requests/${number}/head`,
    mergeMessages: { subject: [], body: [/^See merge request \S*!(\d{1,9})$/m] },
    ...gitlabList,
  },
  statuses: gitlabStatuses,
};

/** A signature that is there must be right, also beside a right token: somebody turned signing on to have it checked. */
function verify(secret: string, headers: Headers, body: Uint8Array): Verdict {
  const signed = checkStandardWebhook(headers, secret, body);
  return signed === 'missing' ? checkToken(headerOf(headers, 'x-gitlab-token'), secret) : signed;
}
