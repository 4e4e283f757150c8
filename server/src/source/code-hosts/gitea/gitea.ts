import { completeRoot, webAddressOf } from '../api-root.js';
import type { CodeHost } from '../code-host.js';
import { hubList } from '../github/list.js';
import { hubStatuses } from '../github/statuses.js';
import { byScheme } from '../sign-in.js';
import { checkHexHmac, headerOf } from '../signature.js';
import { giteaNews } from './news.js';
import { isGitea } from './sender.js';

const API = '/api/v1';

/** Gitea and Forgejo, whose API and webhooks are GitHub's in most respects. */
export const gitea: CodeHost = {
  name: 'Gitea or Forgejo',
  address: {
    services: { 'codeberg.org': null },
    hints: ['gitea', 'forgejo'],
    usualApi: (url) => `${webAddressOf(url)}${API}`,
    apiRoot: (apiUrl) => completeRoot(API, apiUrl),
  },
  signIn: { tokenUser: 'token', authorization: byScheme('token') },
  webhook: {
    shownHeaders: [
      'x-gitea-event',
      'x-gitea-event-type',
      'x-gitea-delivery',
      'x-forgejo-event',
      'x-forgejo-event-type',
      'x-forgejo-delivery',
    ],
    proof: 'signature',
    secretField: 'the field "Secret" of the webhook (Settings → Webhooks)',
    isFrom: isGitea,
    verify: (secret, headers, body) =>
      checkHexHmac(headerOf(headers, 'x-forgejo-signature') ?? headerOf(headers, 'x-gitea-signature'), '', secret, body),
    event: (headers) => headerOf(headers, 'x-forgejo-event') ?? headerOf(headers, 'x-gitea-event'),
    deliveryId: (headers) => headerOf(headers, 'x-forgejo-delivery') ?? headerOf(headers, 'x-gitea-delivery'),
    news: giteaNews,
  },
  pullRequests: {
    headRef: (number) => `refs/pull/${number}/head`,
    mergeMessages: { subject: [/^Merge pull request '.*' \(#(\d{1,9})\) from /, / \(#(\d{1,9})\)$/], body: [] },
    ...hubList,
  },
  statuses: hubStatuses,
};
