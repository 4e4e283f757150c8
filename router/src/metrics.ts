import { LATENCY_BOUNDS_MS } from '@slipway/protocol';
import type { Environment } from './environment.js';
import { OUTCOMES } from './release-traffic.js';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** In Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/). HAProxy's own metrics stand at `/haproxy/metrics`. */
export function metricsText(environments: readonly Environment[]): string {
  return [
    '# HELP slipway_router_requests_total Requests by environment, release and outcome.',
    '# TYPE slipway_router_requests_total counter',
    ...environments.flatMap(requests),
    '# HELP slipway_router_latency_seconds From the whole request head to the first byte of the answer; upgraded connections are left out.',
    '# TYPE slipway_router_latency_seconds histogram',
    ...environments.flatMap(latencies),
    '',
  ].join('\n');
}

function requests(environment: Environment): string[] {
  const line = (release: string, outcome: string, count: number) =>
    `slipway_router_requests_total{environment="${environment.environmentId}",release="${release}",class="${outcome}"} ${count}`;
  const counted = [...environment.counted()].flatMap(([releaseId, { outcomes }]) =>
    OUTCOMES.filter((outcome) => outcomes.has(outcome)).map((outcome) => line(releaseId, outcome, outcomes.get(outcome) ?? 0)),
  );
  return [...counted, line('none', 'unrouted', environment.unrouted)];
}

function latencies(environment: Environment): string[] {
  return [...environment.counted()].flatMap(([releaseId, release]) => {
    const labels = `environment="${environment.environmentId}",release="${releaseId}"`;
    const { buckets, sumMs } = release.measured();
    let below = 0;
    const lines = LATENCY_BOUNDS_MS.map((bound, i) => {
      below += buckets[i] ?? 0;
      return `slipway_router_latency_seconds_bucket{${labels},le="${bound / 1_000}"} ${below}`;
    });
    const count = below + (buckets[LATENCY_BOUNDS_MS.length] ?? 0);
    return [
      ...lines,
      `slipway_router_latency_seconds_bucket{${labels},le="+Inf"} ${count}`,
      `slipway_router_latency_seconds_sum{${labels}} ${sumMs / 1_000}`,
      `slipway_router_latency_seconds_count{${labels}} ${count}`,
    ];
  });
}
