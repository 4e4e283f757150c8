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
    help: 'Webhook requests by kind of host and result, counted when they arrive and when they are handled.',
    labelNames: ['host', 'result'],
    registers: [],
  });
}
