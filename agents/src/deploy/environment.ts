import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredEnvironment, DesiredRelease, Observed, RoutedEnvironment } from '@slipway/protocol';
import type { Sandbox } from '../sandbox/sandbox.js';
import { type EnvironmentState, type InstanceRecord, saveState } from './environment-state.js';
import { Instance } from './instance.js';
import { instanceSpec, versionOf } from './instance-spec.js';
import type { InstancePorts } from './ports.js';
import { ReleaseFiles } from './release-files.js';
import { type RouterClient, RoutesRefused } from './router-client.js';
import { isRouted, routesOf, weightsOf } from './routes-of.js';

export type EnvironmentOptions = {
  /** Of this environment alone. */
  folder: string;
  httpUrl: () => string;
  sandbox: Sandbox;
  router: RouterClient;
  ports: InstancePorts;
  /** Something worth reporting has changed. May be called often. */
  changed: () => void;
  warn: (error: unknown, message: string) => void;
};

/** The router is asked again after this long when it can't be reached, and while old instances drain. */
const ROUTER_PAUSE_MS = 500;
const DRAIN_LOOK_MS = 25;
const MAX_DRAIN_LOOK_MS = 250;

/**
 * Makes one environment equal to its desired state, as often as anything changes: a newer generation, an instance's health, files
 * that arrived. Each pass looks at what is there and does what is missing, in the order that lets nobody see a gap:
 * files → instances → weights, once all that should serve is healthy → routes → drain and stop what is left over. A generation that can't be
 * reached leaves routes and old instances as they were.
 */
export class DeployedEnvironment {
  private readonly instances = new Map<string, Instance>();
  private readonly leaving = new Map<string, Promise<void>>();
  private readonly listeners = new Set<(line: string) => void>();
  private readonly files: ReleaseFiles;
  private routed: RoutedEnvironment | null = null;
  private routerProblem: string | null = null;
  private dirty = true;
  private working: Promise<void> | null = null;
  private retry: NodeJS.Timeout | null = null;
  private closed = false;
  private removed = false;

  constructor(
    readonly state: EnvironmentState,
    private readonly options: EnvironmentOptions,
  ) {
    this.files = new ReleaseFiles({
      folder: join(options.folder, 'releases'),
      httpUrl: options.httpUrl,
      token: () => this.state.desired.token,
      tell: (line) => this.tell(line),
      changed: () => this.wake(),
    });
    for (const record of state.instances) this.adopt(record);
  }

  get environmentId(): string {
    return this.state.desired.environmentId;
  }

  get generation(): number {
    return this.state.desired.generation;
  }

  /** Nothing of it is left on this machine. */
  get isGone(): boolean {
    return this.removed;
  }

  get running(): readonly Instance[] {
    return [...this.instances.values()];
  }

  /** The newest generation wins; an older one is refused (false), the same one again is harmless. */
  async apply(desired: DesiredEnvironment): Promise<boolean> {
    if (desired.generation < this.generation) return false;
    const newer = desired.generation > this.generation;
    this.state.desired = desired; // the same generation may bring a fresh token
    if (newer) {
      this.state.failure = null;
      this.files.forgetFailures();
    }
    await this.save();
    this.wake();
    return true;
  }

  /** Lines for people about what is being done, until the answer is called. */
  follow(listener: (line: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Looks at everything again, the router included. */
  wake(): void {
    this.dirty = true;
    if (this.closed || this.working) return;
    this.working = this.work().finally(() => {
      this.working = null;
      if (this.dirty && !this.closed) this.wake();
    });
  }

  async checkRouter(): Promise<void> {
    this.routed = null;
    this.wake();
    await this.working;
  }

  /** Lets go of everything, which goes on as it is; with `instances`, stops them first and keeps what is desired for the next start. */
  async close({ instances }: { instances: boolean }): Promise<void> {
    this.closed = true;
    if (this.retry) clearTimeout(this.retry);
    this.files.close();
    await this.working;
    await Promise.all(this.running.map((instance) => (instances ? instance.stop() : instance.close())));
    if (!this.removed) await this.save();
  }

  async observe(): Promise<Observed> {
    const { desired, failure } = this.state;
    const { facts } = this.options.sandbox;
    const present = await this.options.router.read(this.environmentId).catch(() => this.routed);
    const failed = failure?.generation === desired.generation;
    const problem = this.routerProblem ? { code: 'router_unreachable', message: this.routerProblem, releaseId: null } : null;
    return {
      environmentId: this.environmentId,
      generation: desired.generation,
      phase: failed ? 'failed' : this.isConverged() ? 'converged' : 'converging',
      instances: this.running.map((instance) => instance.observe()),
      routed: weightsOf(present),
      traffic: present?.traffic ?? [],
      limits: facts.limits,
      sandbox: facts.mode,
      error: failed ? { code: failure.code, message: failure.message, releaseId: failure.releaseId } : problem,
    };
  }

  private async work(): Promise<void> {
    while (this.dirty && !this.closed) {
      this.dirty = false;
      try {
        if (this.state.desired.deleted) await this.tearDown();
        else await this.converge();
      } catch (error) {
        this.options.warn(error, 'a pass over the environment failed; it is tried again');
        this.tryAgainSoon();
      }
      this.options.changed();
    }
  }

  private async converge(): Promise<void> {
    await this.syncRoutes();
    this.noteFailures();
    if (!this.hasFailed()) await this.startMissing();
    if (!this.hasFailed() && this.isReadyToSwitch()) this.takeWeights();
    await this.save();
    await this.syncRoutes();
    if (this.state.switchedGeneration === this.generation && !this.routerProblem) this.retireSurplus();
    this.pruneReleases();
    await this.files.keepOnly(Object.values(this.state.releases));
  }

  private hasFailed(): boolean {
    return this.state.failure?.generation === this.generation;
  }

  private noteFailures(): void {
    for (const instance of this.running) {
      if (instance.failure === null || this.hasFailed()) continue;
      const message = `${instance.release.version} did not become healthy. ${instance.failure}`;
      this.fail('release_unhealthy', message, instance.record.releaseId);
    }
  }

  private fail(code: string, message: string, releaseId: string | null): void {
    if (this.hasFailed()) return;
    this.state.failure = { generation: this.generation, code, message, releaseId };
    this.tell(message);
  }

  private async startMissing(): Promise<void> {
    for (const release of this.state.desired.releases) {
      const version = this.versionOf(release);
      const missing = release.instances - this.instancesOf(version).length;
      this.state.releases[version] = release;
      if (missing <= 0 || !this.filesAreReady(release)) continue;
      for (let n = 0; n < missing; n++) await this.create(release, version);
    }
  }

  private filesAreReady(release: DesiredRelease): boolean {
    try {
      return this.files.ensure(release);
    } catch (error) {
      this.fail('artifact_unavailable', `${release.version} can't be started. ${(error as Error).message}`, release.releaseId);
      return false;
    }
  }

  private async create(release: DesiredRelease, version: string): Promise<void> {
    const record: InstanceRecord = {
      instanceId: randomUUID(),
      releaseId: release.releaseId,
      version,
      port: await this.options.ports.take(),
      weight: 0,
      proven: false,
      state: 'starting',
      startedAt: new Date().toISOString(),
      restarts: 0,
      exitCode: null,
      message: null,
    };
    this.state.instances.push(record);
    await this.save(); // before the process is there: an agent that dies in between must know where to look
    this.adopt(record);
  }

  private adopt(record: InstanceRecord): void {
    const release = this.state.releases[record.version];
    if (!release) throw new Error(`Instance ${record.instanceId} has no release in the saved state.`);
    const folder = join(this.options.folder, 'instances', record.instanceId);
    const { sandbox, ports } = this.options;
    const places = () => ({ user: sandbox.userOfEnvironment(this.state.userIndex), files: this.files.folderOf(release), folder });
    const instance = new Instance({
      record,
      release,
      folder,
      sandbox,
      spec: () => instanceSpec(sandbox, this.state.desired, release, record, places()),
      tell: (line) => this.tell(line),
      changed: () => this.wake(),
    });
    ports.keep(record.port);
    this.instances.set(record.instanceId, instance);
    instance.begin();
  }

  /** All that is to get traffic is healthy; the first switch of a generation waits for that, later it is the healthy ones that serve. */
  private isReadyToSwitch(): boolean {
    if (this.state.switchedGeneration === this.generation) return false;
    return this.state.desired.releases.every((release) => {
      const healthy = this.instancesOf(this.versionOf(release)).filter((instance) => instance.isHealthy);
      return release.weight === 0 || healthy.length >= release.instances;
    });
  }

  private takeWeights(): void {
    const weights = new Map(this.state.desired.releases.map((release) => [this.versionOf(release), release.weight]));
    for (const record of this.state.instances) record.weight = weights.get(record.version) ?? 0;
    this.state.switchedGeneration = this.generation;
    const serving = this.state.desired.releases.filter(({ weight }) => weight > 0);
    this.tell(`Traffic goes to ${serving.map(({ version, weight }) => `${version} (${weight} %)`).join(', ') || 'no release'}`);
  }

  private async syncRoutes(): Promise<void> {
    const routes = routesOf(this.state);
    if (isRouted(routes, this.routed)) return;
    try {
      this.routed = await this.options.router.put(this.environmentId, routes);
      this.routerProblem = null;
      if (this.state.failure?.code.startsWith('port_')) this.state.failure = null;
    } catch (error) {
      this.routed = null;
      if (error instanceof RoutesRefused) return this.fail(error.code, error.message, null);
      this.routerProblem = (error as Error).message;
      this.tryAgainSoon();
    }
  }

  /** Instances that the desired state does not name; of too many of a release, those that are unwell or young. */
  private retireSurplus(): void {
    const wanted = new Map(this.state.desired.releases.map((release) => [this.versionOf(release), release.instances]));
    for (const version of new Set(this.state.instances.map((record) => record.version))) {
      const oldestFirst = this.instancesOf(version).sort((a, b) => Number(b.isHealthy) - Number(a.isHealthy));
      for (const instance of oldestFirst.slice(wanted.get(version) ?? 0)) this.retire(instance);
    }
  }

  private retire(instance: Instance): void {
    const { instanceId } = instance.record;
    if (this.leaving.has(instanceId)) return;
    const left = this.leave(instance)
      .catch((error) => this.options.warn(error, 'an instance could not be stopped'))
      .finally(() => this.leaving.delete(instanceId));
    this.leaving.set(instanceId, left);
  }

  private async leave(instance: Instance): Promise<void> {
    instance.drain();
    await this.drained(instance);
    if (this.closed) return;
    await instance.stop();
    await this.forget(instance);
  }

  private async drained(instance: Instance): Promise<void> {
    const { instanceId } = instance.record;
    const giveUpAt = performance.now() + instance.release.drainMs + MAX_DRAIN_LOOK_MS;
    for (let lookMs = DRAIN_LOOK_MS; performance.now() < giveUpAt && !this.closed; lookMs = Math.min(MAX_DRAIN_LOOK_MS, lookMs * 2)) {
      const present = await this.options.router.read(this.environmentId).catch(() => this.routed);
      const busy = [...(present?.backends ?? []), ...(present?.draining ?? [])].some((other) => other.instanceId === instanceId);
      if (!busy) return;
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  }

  private async forget(instance: Instance): Promise<void> {
    this.instances.delete(instance.record.instanceId);
    this.state.instances = this.state.instances.filter((record) => record !== instance.record);
    await this.save();
    await instance.removeFiles();
    this.options.ports.release(instance.record.port);
    this.tell(`Stopped ${instance.release.version} on port ${instance.record.port}`);
    this.wake();
  }

  private async tearDown(): Promise<void> {
    await this.options.router.remove(this.environmentId);
    await Promise.all(this.running.map((instance) => instance.stop()));
    for (const { record } of this.running) this.options.ports.release(record.port);
    this.instances.clear();
    this.state.instances = [];
    this.files.close();
    await rm(this.options.folder, { recursive: true, force: true });
    this.removed = true;
  }

  private isConverged(): boolean {
    const { desired, switchedGeneration } = this.state;
    if (desired.deleted) return this.removed;
    if (switchedGeneration !== this.generation || this.routerProblem || this.leaving.size > 0) return false;
    const named = desired.releases.map((release) => ({ release, instances: this.instancesOf(this.versionOf(release)) }));
    const total = named.reduce((sum, { instances }) => sum + instances.length, 0);
    return (
      total === this.instances.size &&
      isRouted(routesOf(this.state), this.routed) &&
      named.every(({ release, instances }) => instances.filter((instance) => instance.isHealthy).length === release.instances)
    );
  }

  private instancesOf(version: string): Instance[] {
    return this.running.filter(({ record }) => record.version === version && record.state !== 'draining');
  }

  private versionOf(release: DesiredRelease): string {
    return versionOf(release, this.state.desired.limits);
  }

  private pruneReleases(): void {
    const used = new Set([
      ...this.state.instances.map((record) => record.version),
      ...this.state.desired.releases.map((release) => this.versionOf(release)),
    ]);
    for (const version of Object.keys(this.state.releases)) if (!used.has(version)) delete this.state.releases[version];
  }

  private async save(): Promise<void> {
    if (!this.removed) await saveState(this.options.folder, this.state);
  }

  private tryAgainSoon(): void {
    if (this.closed || this.retry) return;
    this.retry = setTimeout(() => {
      this.retry = null;
      this.wake();
    }, ROUTER_PAUSE_MS);
  }

  private tell(line: string): void {
    for (const listener of this.listeners) listener(line);
  }
}
