import { Counter } from 'prom-client';

/**
 * `accepted`, `ignored`, `repeated`, `unreadable`: what came of a signed request · `refused`, `unknown`: others ·
 * `handled`, `passed_over`, `failed`: what came of an accepted delivery later.
 */
export type WebhookResult =
  | 'accepted'
  | 'ignored'
  | 'repeated'
  | 'unreadable'
  | 'refused'
  | 'unknown'
  | 'handled'
  | 'passed_over'
  | 'failed';

export type CountWebhook = (host: string, result: WebhookResult) => void;

/** To be registered with the server's metrics. */
export function webhookCounter(): Counter<'host' | 'result'> {
  return new Counter({
    name: 'slipway_webhook_deliveries_total',
    help: 'Webhook requests by the kind of host and what came of them, when they came and when they were handled.',
    labelNames: ['host', 'result'],
    registers: [],
  });
}
