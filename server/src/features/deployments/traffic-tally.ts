import type { Traffic } from '@slipway/protocol';

export type Counts = { served: number; failed: number; cut: number };
/** Requests since a deployment began, and the counters as last seen, by the id that the agent knows a release by. */
export type TrafficTally = { total: Counts; last: Record<string, Counts> };

const NONE: Counts = { served: 0, failed: 0, cut: 0 };

/**
 * Adds what happened since the last look. The first look only notes where the counters stand; a release that appears later began
 * at zero, and counters that fell were begun anew by a restarted router.
 */
export function countTraffic(tally: TrafficTally | null, traffic: readonly Traffic[]): TrafficTally {
  const last = Object.fromEntries(traffic.map(({ releaseId, served, failed, cut }) => [releaseId, { served, failed, cut }]));
  if (!tally) return { total: NONE, last };
  const total = { ...tally.total };
  for (const [releaseId, now] of Object.entries(last)) {
    const before = tally.last[releaseId] ?? NONE;
    for (const key of ['served', 'failed', 'cut'] as const) total[key] += now[key] >= before[key] ? now[key] - before[key] : now[key];
  }
  return { total, last: { ...tally.last, ...last } };
}
