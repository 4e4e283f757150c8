import type { EnvironmentRoutes, RoutedEnvironment, Traffic } from '@slipway/protocol';
import { Backend } from './backend.js';
import { Listener } from './listener.js';
import type { RouterMetrics } from './metrics.js';
import type { Routed } from './proxy-request.js';
import { ReleaseTraffic } from './release-traffic.js';
import { Route } from './route.js';

/** Counters of releases that are no longer routed are kept for the last few of them. */
const KEPT_RELEASES = 20;

/** One environment: its public port, the generation it serves, and what older generations still work on. */
export class Environment implements Routed {
  route = new Route([]);
  private serving = new Map<string, Backend>();
  private readonly draining = new Map<string, Backend>();
  private readonly traffic = new Map<string, ReleaseTraffic>();

  constructor(
    readonly environmentId: string,
    private listener: Listener | null,
    public routes: EnvironmentRoutes,
    private readonly metrics: RouterMetrics,
    countedBefore: readonly Traffic[] = [],
  ) {
    for (const counts of countedBefore) {
      this.traffic.set(counts.releaseId, new ReleaseTraffic(environmentId, counts.releaseId, metrics, counts));
    }
  }

  unrouted(): void {
    this.metrics.count(this.environmentId, 'none', 'unrouted');
  }

  async listenOn(port: number): Promise<Listener> {
    return Listener.open(port, this);
  }

  /** From the next request on. What is no longer listed drains. @param listener set when the port is another. */
  switchTo(routes: EnvironmentRoutes, listener: Listener | null): void {
    const before = this.serving;
    this.serving = new Map();
    for (const target of routes.backends) {
      const key = `${target.instanceId} ${target.releaseId} ${target.host} ${target.port}`;
      const backend = before.get(key) ?? this.takeBack(key) ?? new Backend(target, this.trafficOf(target.releaseId));
      backend.listener = target.listener;
      this.serving.set(key, backend);
    }
    this.routes = routes;
    const weights = routes.backends.map(({ weight }) => weight);
    this.route = new Route([...this.serving.values()].map((backend, i) => ({ backend, weight: weights[i] ?? 1 })));
    for (const [key, backend] of before) if (!this.serving.has(key)) this.drain(key, backend, routes.drainMs);
    if (listener) {
      this.listener?.close();
      this.listener = listener;
    }
    this.forgetOldReleases();
  }

  /** Frees the port, lets requests in flight finish for `drainMs`, ends the rest. */
  async close(drainMs: number): Promise<void> {
    this.listener?.close();
    await Promise.all([...this.serving.values(), ...this.draining.values()].map((backend) => backend.retire(drainMs)));
    this.listener?.destroy();
    this.listener = null;
  }

  read(): RoutedEnvironment {
    return {
      environmentId: this.environmentId,
      ...this.routes,
      traffic: [...this.traffic.values()].map((release) => release.read()),
      draining: [...this.draining.values()]
        .filter(({ inFlight }) => inFlight > 0)
        .map(({ target, inFlight }) => ({ instanceId: target.instanceId, releaseId: target.releaseId, inFlight, streams: 0 })),
    };
  }

  forgetMetrics(): void {
    for (const releaseId of [...this.traffic.keys(), 'none']) this.metrics.forget(this.environmentId, releaseId);
  }

  private takeBack(key: string): Backend | undefined {
    const backend = this.draining.get(key);
    this.draining.delete(key);
    backend?.revive();
    return backend;
  }

  private drain(key: string, backend: Backend, drainMs: number): void {
    this.draining.set(key, backend);
    void backend.retire(drainMs).then(() => {
      if (this.draining.get(key) === backend) this.draining.delete(key);
    });
  }

  private trafficOf(releaseId: string): ReleaseTraffic {
    const known = this.traffic.get(releaseId) ?? new ReleaseTraffic(this.environmentId, releaseId, this.metrics);
    this.traffic.delete(releaseId); // and to the end: the map is in the order of last being routed
    this.traffic.set(releaseId, known);
    return known;
  }

  private forgetOldReleases(): void {
    const routed = new Set(this.routes.backends.map(({ releaseId }) => releaseId));
    for (const [releaseId, release] of this.traffic) {
      if (this.traffic.size <= KEPT_RELEASES) return;
      if (routed.has(releaseId) || release.inFlight > 0) continue;
      this.traffic.delete(releaseId);
      this.metrics.forget(this.environmentId, releaseId);
    }
  }
}
