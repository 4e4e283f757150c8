import { shorten } from '@slipway/protocol';
import type { CodeHost } from '../repositories/code-host.js';
import type { HostNews } from './host-news.js';
import { bitbucketNews } from './hosts/bitbucket-news.js';
import { bitbucketServerNews } from './hosts/bitbucket-server-news.js';
import { giteaNews } from './hosts/gitea-news.js';
import { githubNews } from './hosts/github-news.js';
import { gitlabNews } from './hosts/gitlab-news.js';
import { checkHexHmac, checkStandardWebhook, checkToken, type Headers, headerOf, type Verdict } from './signature.js';

/** How one kind of host calls: where it says what happened, and how it proves itself. */
export type WebhookSender = {
  host: Exclude<CodeHost, 'other'>;
  /** For people. */
  name: string;
  /** Its header of that name says what happened; the first that is there counts. */
  eventHeaders: readonly string[];
  /** The host's own id of the delivery, the same in each repetition; null: it gives none that is unique. */
  deliveryId(headers: Headers): string | null;
  verify(secret: string, headers: Headers, body: Uint8Array): Verdict;
  /** Where the secret is entered, for messages. */
  secretField: string;
  /** @throws ZodError when the payload is not as the host documents it */
  news(event: string, payload: unknown): HostNews;
};

const GITEA: WebhookSender = {
  host: 'gitea',
  name: 'Gitea or Forgejo',
  eventHeaders: ['x-forgejo-event', 'x-gitea-event'],
  deliveryId: (headers) => headerOf(headers, 'x-forgejo-delivery') ?? headerOf(headers, 'x-gitea-delivery'),
  verify: (secret, headers, body) =>
    checkHexHmac(headerOf(headers, 'x-forgejo-signature') ?? headerOf(headers, 'x-gitea-signature'), '', secret, body),
  secretField: 'the field "Secret" of the webhook (Settings → Webhooks)',
  news: giteaNews,
};

const GITLAB: WebhookSender = {
  host: 'gitlab',
  name: 'GitLab',
  eventHeaders: ['x-gitlab-event'],
  // X-Gitlab-Event-UUID is no such id: webhooks that were caused by a webhook share it.
  deliveryId: (headers) => headerOf(headers, 'idempotency-key') ?? headerOf(headers, 'webhook-id'),
  verify: verifyGitlab,
  secretField: 'the field "Secret token" of the webhook (Settings → Webhooks)',
  news: gitlabNews,
};

const BITBUCKET: WebhookSender = {
  host: 'bitbucket',
  name: 'Bitbucket Cloud',
  eventHeaders: ['x-event-key'],
  deliveryId: (headers) => headerOf(headers, 'x-request-uuid'),
  verify: (secret, headers, body) => checkHexHmac(headerOf(headers, 'x-hub-signature'), 'sha256=', secret, body),
  secretField: 'the field "Secret" of the webhook (Repository settings → Webhooks)',
  news: bitbucketNews,
};

const BITBUCKET_SERVER: WebhookSender = {
  ...BITBUCKET,
  host: 'bitbucket_server',
  name: 'Bitbucket Data Center',
  deliveryId: (headers) => headerOf(headers, 'x-request-id'),
  news: bitbucketServerNews,
};

const GITHUB: WebhookSender = {
  host: 'github',
  name: 'GitHub',
  eventHeaders: ['x-github-event'],
  deliveryId: (headers) => headerOf(headers, 'x-github-delivery'),
  verify: (secret, headers, body) => checkHexHmac(headerOf(headers, 'x-hub-signature-256'), 'sha256=', secret, body),
  secretField: 'the field "Secret" of the webhook (Settings → Webhooks)',
  news: githubNews,
};

/** Gitea and Forgejo also send GitHub's headers, and so are looked for first. */
const BY_EVENT_HEADER = [GITEA, GITLAB, GITHUB];

/**
 * Who calls, by the headers alone: what a repository's host is taken for is a guess for hosts under names of their own. Nothing rests on it, as
 * whoever calls must know the repository's secret. null: none that is known.
 */
export function senderOf(headers: Headers): WebhookSender | null {
  if (headerOf(headers, 'x-event-key')) return isBitbucketCloud(headers) ? BITBUCKET : BITBUCKET_SERVER;
  return BY_EVENT_HEADER.find((sender) => sender.eventHeaders.some((name) => headerOf(headers, name))) ?? null;
}

const MAX_EVENT_LENGTH = 100;

export function eventOf(sender: WebhookSender, headers: Headers): string {
  for (const name of sender.eventHeaders) {
    const event = headerOf(headers, name);
    if (event) return shorten(event, MAX_EVENT_LENGTH);
  }
  return 'unknown';
}

/** Proxies add X-Request-Id, which Data Center means, to what the Cloud sends; X-Request-UUID and X-Hook-UUID are the Cloud's alone. */
const isBitbucketCloud = (headers: Headers): boolean =>
  headerOf(headers, 'x-request-uuid') !== null || headerOf(headers, 'x-hook-uuid') !== null;

/** A signature that is there must be right, also beside a right token: somebody turned signing on to have it checked. */
function verifyGitlab(secret: string, headers: Headers, body: Uint8Array): Verdict {
  const signed = checkStandardWebhook(headers, secret, body);
  return signed === 'missing' ? checkToken(headerOf(headers, 'x-gitlab-token'), secret) : signed;
}
