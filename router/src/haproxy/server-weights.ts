/** The largest weight that HAProxy gives a server. */
const MAX_SERVER_WEIGHT = 256;

/**
 * Weights of servers, in the order of `backends`, that give each release its share of the traffic: within a quarter of a percent, however many
 * instances it has. A release with a small share and many instances may leave some of them at 0.
 * @param backends each with the share of its whole release, which is the same on all of one release; 0: no new requests
 */
export function serverWeights(backends: readonly { releaseId: string; weight: number }[]): number[] {
  const instances = Map.groupBy(backends, ({ releaseId }) => releaseId);
  const largestShare = Math.max(0, ...backends.map(({ releaseId, weight }) => weight / instancesOf(releaseId)));
  const given = new Map<string, number>();
  return backends.map(({ releaseId, weight }) => {
    if (weight === 0) return 0;
    const count = instancesOf(releaseId);
    const total = Math.round((weight / largestShare) * MAX_SERVER_WEIGHT);
    const nth = given.get(releaseId) ?? 0;
    given.set(releaseId, nth + 1);
    return Math.floor(total / count) + (nth < total % count ? 1 : 0);
  });

  function instancesOf(releaseId: string): number {
    return instances.get(releaseId)?.length ?? 1;
  }
}
