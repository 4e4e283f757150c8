import type { EnvironmentRoutes, RoutedBackend, RoutedEnvironment, Traffic } from '@slipway/protocol';
import { type Server, SPREAD, serverName } from './haproxy/configuration.js';
import type { ServerCounts } from './haproxy/process.js';
import { serverWeights } from './haproxy/server-weights.js';
import { listens } from './listening-process.js';
import { type Exchange, ReleaseTraffic } from './release-traffic.js';

/** Counters of releases that are no longer routed are kept for the last few of them. */
const KEPT_RELEASES = 20;

/** An instance that is no longer listed and may still work on something, until then (milliseconds since the epoch). */
export type Draining = { instanceId: string; releaseId: string; until: number };

/** One environment: what it serves, what older generations still work on, and what was counted. */
export class Environment {
  /** Requests while nothing served. */
  unrouted = 0;
  /** Its public port is another program's; it is tried again. */
  isUnserved = false;
  /** HAProxy may not have received the routes yet. */
  isUnsaid = false;
  private readonly draining = new Map<string, Draining>();
  private readonly traffic = new Map<string, ReleaseTraffic>();
  /** Listed instances whose process has ended. */
  private readonly ended = new Set<string>();

  constructor(
    readonly environmentId: string,
    /** Names it in HAProxy's log lines. */
    readonly number: number,
    public routes: EnvironmentRoutes,
    before: { draining: readonly Draining[]; traffic: readonly Traffic[] } = { draining: [], traffic: [] },
  ) {
    for (const each of before.draining) this.draining.set(each.instanceId, each);
    for (const counts of before.traffic) this.traffic.set(counts.releaseId, new ReleaseTraffic(counts.releaseId, counts));
    this.takeRoutes(routes);
  }

  /** What is no longer listed drains. */
  switchTo(routes: EnvironmentRoutes): void {
    const listed = new Set(routes.backends.map(({ instanceId }) => instanceId));
    for (const { instanceId, releaseId } of this.routes.backends)
      if (!listed.has(instanceId)) this.draining.set(instanceId, { instanceId, releaseId, until: Date.now() + routes.drainMs });
    for (const instanceId of listed) this.draining.delete(instanceId);
    this.takeRoutes(routes);
  }

  servers(): Server[] {
    const serving = this.routes.backends.filter((backend) => !this.ended.has(nameOf(backend)));
    const weights = serverWeights(serving);
    return serving.map((backend, i) => ({ name: nameOf(backend), host: backend.host, port: backend.port, weight: weights[i] ?? 0 }));
  }

  /** Why it serves nothing, if so. */
  get reason(): EnvironmentRoutes['unavailable'] {
    return this.routes.backends.length > 0 ? 'unhealthy' : this.routes.unavailable;
  }

  /** `<environment>.<release>.<n>` → server, for what is sent to a release by its name: n spreads it over the instances. */
  instancesByRelease(): Map<string, string> {
    const byRelease = Map.groupBy(this.routes.backends, ({ releaseId }) => releaseId);
    const entries = [...byRelease].flatMap(([releaseId, backends]) =>
      Array.from(
        { length: SPREAD },
        (_, n) => [`${this.environmentId}.${releaseId}.${n}`, nameOf(backends[n % backends.length] as RoutedBackend)] as const,
      ),
    );
    return new Map(entries);
  }

  /** Listed instances whose process has ended since the last look: whoever listens on their port next is a stranger. */
  endedSince(): string[] {
    const ended = this.routes.backends.filter(
      (backend) => backend.listener && !this.ended.has(nameOf(backend)) && !listens(backend.listener),
    );
    for (const backend of ended) this.ended.add(nameOf(backend));
    return ended.map(nameOf);
  }

  isListed(instanceId: string): boolean {
    return this.routes.backends.some((backend) => backend.instanceId === instanceId);
  }

  drainingInstances(): Draining[] {
    return [...this.draining.values()];
  }

  hasDrained(instanceId: string): void {
    this.draining.delete(instanceId);
  }

  count(exchange: Exchange): void {
    const releaseId = exchange.releaseId ?? this.releaseThatLacked(exchange);
    if (releaseId) (this.traffic.get(releaseId) ?? this.trafficOf(releaseId)).add(exchange);
    else if (exchange.status === 503) this.unrouted++;
  }

  /** Nobody took the request though somebody should have: the release with the largest share answers for that. */
  private releaseThatLacked({ status }: Exchange): string | null {
    if (status !== 503 || this.routes.options.maintenance !== null) return null;
    const [main] = this.routes.backends.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
    return main?.releaseId ?? null;
  }

  /** @param counts what HAProxy works on, by the server's name */
  read(counts: ReadonlyMap<string, ServerCounts>): RoutedEnvironment {
    const inFlight = new Map<string, number>();
    for (const [name, { sessions }] of counts) {
      const [releaseId = ''] = name.split('.');
      inFlight.set(releaseId, (inFlight.get(releaseId) ?? 0) + sessions);
    }
    return {
      environmentId: this.environmentId,
      ...this.routes,
      traffic: [...this.traffic].map(([releaseId, release]) => release.read(inFlight.get(releaseId) ?? 0)),
      draining: this.drainingInstances().flatMap(({ instanceId, releaseId }) => {
        const { sessions = 0, streams = 0 } = counts.get(serverName(releaseId, instanceId)) ?? {};
        return sessions > 0 ? [{ instanceId, releaseId, inFlight: sessions, streams }] : [];
      }),
    };
  }

  counted(): ReadonlyMap<string, ReleaseTraffic> {
    return this.traffic;
  }

  private takeRoutes(routes: EnvironmentRoutes): void {
    this.routes = routes;
    this.ended.clear();
    for (const { releaseId } of routes.backends) this.trafficOf(releaseId);
    const routed = new Set([...routes.backends, ...this.draining.values()].map(({ releaseId }) => releaseId));
    for (const releaseId of this.traffic.keys()) {
      if (this.traffic.size <= KEPT_RELEASES) break;
      if (!routed.has(releaseId)) this.traffic.delete(releaseId);
    }
  }

  private trafficOf(releaseId: string): ReleaseTraffic {
    const known = this.traffic.get(releaseId) ?? new ReleaseTraffic(releaseId);
    this.traffic.delete(releaseId); // and to the end: the map is in the order of last being routed
    this.traffic.set(releaseId, known);
    return known;
  }
}

const nameOf = ({ releaseId, instanceId }: { releaseId: string; instanceId: string }): string => serverName(releaseId, instanceId);
