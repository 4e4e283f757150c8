import type { Backend } from './backend.js';

type Share = { releaseId: string; weight: number; backends: Backend[]; credit: number };

/**
 * Who gets the next request: releases by weight (smooth weighted round robin, as in nginx: exact over any few requests,
 * where drawing lots is not), within a release the instance with the least in flight.
 */
export class Route {
  private readonly shares: Share[] = [];

  readonly backends: readonly Backend[];

  /** @param members each with the weight of its release. */
  constructor(members: readonly { backend: Backend; weight: number }[]) {
    this.backends = members.map(({ backend }) => backend);
    for (const { backend, weight } of members) {
      const { releaseId } = backend.target;
      const share = this.shares.find((known) => known.releaseId === releaseId);
      if (share) share.backends.push(backend);
      else this.shares.push({ releaseId, weight, backends: [backend], credit: 0 });
    }
  }

  /** @param except backends that refused this request already. */
  choose(except?: ReadonlySet<Backend>): Backend | null {
    if (this.backends.length === 1 && !except) return this.backends[0] ?? null;
    let best: Share | null = null;
    let total = 0;
    for (const share of this.shares) {
      if (except && share.backends.every((backend) => except.has(backend))) continue;
      share.credit += share.weight;
      total += share.weight;
      if (!best || share.credit > best.credit) best = share;
    }
    if (!best) return null;
    best.credit -= total;
    return leastBusy(best.backends, except);
  }
}

function leastBusy(backends: Backend[], except?: ReadonlySet<Backend>): Backend | null {
  let least: Backend | null = null;
  for (const backend of backends) {
    if (except?.has(backend)) continue;
    if (!least || backend.inFlight < least.inFlight) least = backend;
  }
  return least;
}
