import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Prometheus metrics of this server. Features add gauges of their own to `registry`. */
export class Metrics {
  readonly registry = new Registry();

  readonly httpSeconds = new Histogram({
    name: 'slipway_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [this.registry],
  });

  readonly graphqlOperations = new Counter({
    name: 'slipway_graphql_operations_total',
    help: 'GraphQL operations answered, by transport, type and outcome (ok, error, refused before execution).',
    labelNames: ['transport', 'type', 'outcome'],
    registers: [this.registry],
  });

  readonly graphqlSubscriptions = new Gauge({
    name: 'slipway_graphql_subscriptions',
    help: 'GraphQL subscriptions open at this moment.',
    registers: [this.registry],
  });

  constructor() {
    // Each sample of the event loop's delay wakes the process: the usual 10 ms cost an idle server more than everything else together.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 200 });
  }
}
