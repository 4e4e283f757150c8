import { Counter, Histogram, Registry } from 'prom-client';

/** `failed` and `cut` are the router's own verdicts (see release-traffic.ts); the others are what the application answered. */
const REQUEST_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'failed', 'cut', 'unrouted'] as const;
export type RequestClass = (typeof REQUEST_CLASSES)[number];

export class RouterMetrics {
  readonly registry = new Registry();
  private readonly requests = new Counter({
    name: 'slipway_router_requests_total',
    help: 'Requests by environment, release and outcome.',
    labelNames: ['environment', 'release', 'class'] as const,
    registers: [this.registry],
  });
  private readonly seconds = new Histogram({
    name: 'slipway_router_request_duration_seconds',
    help: 'From the request line to the last byte of the answer; web sockets are left out.',
    labelNames: ['environment', 'release'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });

  count(environment: string, release: string, requestClass: RequestClass): void {
    this.requests.inc({ environment, release, class: requestClass });
  }

  /** A release that left long ago; its series would be kept for ever. */
  forget(environment: string, release: string): void {
    for (const requestClass of REQUEST_CLASSES) this.requests.remove({ environment, release, class: requestClass });
    this.seconds.remove({ environment, release });
  }

  time(environment: string, release: string, durationMs: number): void {
    this.seconds.observe({ environment, release }, durationMs / 1000);
  }
}

export function statusClass(status: number): RequestClass {
  if (status < 200) return '1xx';
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
}
