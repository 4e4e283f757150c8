import { type DesiredEnvironment, noTraffic, type Observed, type ObservedReply, type Traffic } from '@slipway/protocol';
import type { EnvironmentHost } from '../../../build/runs/ports.js';
import { newId } from '../../../platform/ids.js';
import { anInstance, anObservation } from './builders.js';

/** A deploy agent's target in memory: makes itself equal to what is desired at once, but for what it is told can't get well. */
export class FakeTarget {
  desired: DesiredEnvironment | null = null;
  /** Versions that never become healthy. */
  readonly ill = new Set<string>();
  /** Ports that another program listens on. */
  readonly takenPorts = new Set<number>();
  readonly counters = new Map<string, number>();
  /** What its router counts beside, by release. */
  readonly figures = new Map<string, Partial<Traffic>>();
  readonly applied: { generation: number; weights: Record<string, number> }[] = [];
  private readonly instanceIds = new Map<string, string>();

  constructor(
    readonly host: EnvironmentHost,
    readonly agentId: string,
  ) {}

  apply(desired: DesiredEnvironment): void {
    const known = this.desired?.environmentId === desired.environmentId ? this.desired.generation : 0;
    if (desired.generation <= known) return;
    this.desired = desired;
    this.applied.push({
      generation: desired.generation,
      weights: Object.fromEntries(desired.releases.map((release) => [release.version, release.weight])),
    });
  }

  /** What is seen now; `over` for what a scripted agent says instead. */
  seen(over: Partial<Observed> = {}): Observed {
    const { desired } = this;
    if (!desired) throw new Error('This target has nothing to see yet.');
    const broken = desired.releases.find((release) => this.ill.has(release.version));
    const well = desired.releases.filter((release) => release !== broken);
    if (this.takenPorts.has(desired.port)) {
      const error = { code: 'port_in_use', message: `Port ${desired.port} is taken.`, releaseId: null };
      return anObservation({ environmentId: desired.environmentId, generation: desired.generation, phase: 'failed', error, ...over });
    }
    return anObservation({
      environmentId: desired.environmentId,
      generation: desired.generation,
      phase: broken ? 'failed' : 'converged',
      instances: desired.releases.map((release) => ({
        ...anInstance(release.releaseId, release === broken ? 'unhealthy' : 'healthy'),
        instanceId: this.instanceId(release.releaseId),
      })),
      routed: well.filter((release) => release.weight > 0).map(({ releaseId, weight }) => ({ releaseId, weight })),
      traffic: desired.releases.map(({ releaseId }) => ({
        ...noTraffic(releaseId),
        served: this.counters.get(releaseId) ?? 0,
        ...this.figures.get(releaseId),
      })),
      error: broken ? { code: 'unhealthy', message: `${broken.version} answered 500.`, releaseId: broken.releaseId } : null,
      ...over,
    });
  }

  /** Reports and applies until the server has nothing newer. */
  async settle(): Promise<ObservedReply> {
    for (;;) {
      const reply = await this.host.observed(this.agentId, this.seen());
      if (!reply.desired) return reply;
      this.apply(reply.desired);
    }
  }

  /** Versions with their weights, as routed now. */
  serving(): string[] {
    return this.desired?.releases.filter((release) => release.weight > 0).map((release) => release.version) ?? [];
  }

  private instanceId(releaseId: string): string {
    const id = this.instanceIds.get(releaseId) ?? newId();
    this.instanceIds.set(releaseId, id);
    return id;
  }
}
