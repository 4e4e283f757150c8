import { webAddressOf } from '../api-root.js';
import type { CodeHost } from '../code-host.js';
import { isGitea } from '../gitea/sender.js';
import { byScheme } from '../sign-in.js';
import { checkHexHmac, headerOf } from '../signature.js';
import { hubList } from './list.js';
import { githubNews } from './news.js';
import { hubStatuses } from './statuses.js';

/** The last thing in the subject of what was squashed into one commit. */
const SQUASHED = / \(#(\d{1,9})\)$/;

export const github: CodeHost = {
  name: 'GitHub',
  address: {
    services: { 'github.com': 'https://api.github.com' },
    hints: ['github'],
    usualApi: (url) => `${webAddressOf(url)}/api/v3`,
    // GitHub's own API has a host name of its own and no path, so there is nothing to complete.
    apiRoot: (apiUrl) => apiUrl,
  },
  signIn: { tokenUser: 'x-access-token', authorization: byScheme('Bearer') },
  webhook: {
    shownHeaders: ['x-github-event', 'x-github-delivery', 'x-github-hook-id'],
    proof: 'signature',
    secretField: 'the field "Secret" of the webhook (Settings → Webhooks)',
    // Gitea and Forgejo send these headers too, in addition to their own.
    isFrom: (headers) => headerOf(headers, 'x-github-event') !== null && !isGitea(headers),
    verify: (secret, headers, body) => checkHexHmac(headerOf(headers, 'x-hub-signature-256'), 'sha256=', secret, body),
    event: (headers) => headerOf(headers, 'x-github-event'),
    deliveryId: (headers) => headerOf(headers, 'x-github-delivery'),
    news: githubNews,
  },
  pullRequests: {
    headRef: (number) => `refs/pull/${number}/head`,
    mergeMessages: { subject: [/^Merge pull request #(\d{1,9}) from /, SQUASHED], body: [] },
    ...hubList,
  },
  statuses: hubStatuses,
};
