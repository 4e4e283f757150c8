import type { Counter } from 'prom-client';
import type { Changes } from '../platform/changes.js';
import type { Database } from '../platform/database.js';
import type { Logger } from '../platform/log.js';
import type { Mirrors } from '../source/mirrors/ports.js';
import type { PullRequests } from '../source/pull-requests/ports.js';
import { DeliveryLoop } from '../source/webhooks/delivery-loop.js';
import { receiveWebhookWith } from '../source/webhooks/receive-webhook.js';
import { webhookRoutes } from '../source/webhooks/webhook.routes.js';
import { webhookCounter } from '../source/webhooks/webhook-counter.js';

export type WebhookDeps = {
  database: Database;
  changes: Changes;
  mirrors: Pick<Mirrors, 'webhookSecret' | 'requestFetch'>;
  pullRequests: PullRequests;
  log: Pick<Logger, 'warn' | 'error'>;
};

export type Webhooks = {
  /** To be registered with the HTTP server. */
  routes: ReturnType<typeof webhookRoutes>;
  /** To be started, and stopped after the HTTP server. */
  loop: DeliveryLoop;
  /** To be registered with the server's metrics. */
  counter: Counter<'host' | 'result'>;
};

/** What takes webhooks in and what handles them. */
export function composeWebhooks({ database: db, changes, mirrors, pullRequests, log }: WebhookDeps): Webhooks {
  const counter = webhookCounter();
  const count = (host: string, result: string) => counter.inc({ host, result });
  return {
    routes: webhookRoutes(receiveWebhookWith({ db, mirrors, count, log })),
    loop: new DeliveryLoop({ db, mirrors, pullRequests, count, log }, changes),
    counter,
  };
}
