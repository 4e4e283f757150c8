import { join } from 'node:path';
import { type DesiredEnvironment, type DesiredRelease, type Observed, type RoutedEnvironment, shorten } from '@slipway/protocol';
import type { WorkspaceProgram } from '../job/workspace-program.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { type EnvironmentState, StateFile } from './environment-state.js';
import type { Instance } from './instance.js';
import { InstanceSet } from './instance-set.js';
import { versionOf } from './instance-spec.js';
import type { InstancePorts } from './ports.js';
import { ReleaseFiles } from './release-files.js';
import { type RouterClient, RoutesRefused } from './router-client.js';
import { isRouted, routesOf, weightsOf } from './routes-of.js';
import type { SealedText } from './sealed-text.js';

export type EnvironmentOptions = {
  /** Of this environment alone, named by its id. */
  folder: string;
  /** For what is kept of it. */
  seal: SealedText;
  httpUrl: () => string;
  sandbox: Sandbox;
  program: WorkspaceProgram;
  router: RouterClient;
  ports: InstancePorts;
  /** Something worth reporting has changed. May be called often. */
  changed: () => void;
  warn: (error: unknown, message: string) => void;
};

/** A pass that could not do all, because the router or the disk did not let it, is repeated after this long. */
const RETRY_MS = 500;
/** In code points: it goes with each report. */
const MAX_MESSAGE = 20_000;

/**
 * Makes one environment equal to its desired state, as often as anything changes: a newer generation, an instance's health, files
 * that arrived. Each pass looks at what is there and does what is missing, in the order that lets nobody see a gap:
 * files → instances → weights, once all that should serve is healthy → routes → drain and stop what is left over. A generation that can't be
 * reached leaves routes and old instances as they were.
 */
export class DeployedEnvironment {
  private readonly stateFile: StateFile;
  private readonly files: ReleaseFiles;
  private readonly set: InstanceSet;
  private readonly listeners = new Set<(line: string) => void>();
  private routed: RoutedEnvironment | null = null;
  private routerProblem: string | null = null;
  private dirty = false;
  private working: Promise<void> | null = null;
  private retry: NodeJS.Timeout | null = null;
  private closed = false;
  private removed = false;

  constructor(
    readonly state: EnvironmentState,
    private readonly options: EnvironmentOptions,
  ) {
    const { folder, sandbox } = options;
    const tell = (line: string) => this.tell(line);
    const changed = () => this.wake();
    this.stateFile = new StateFile({ folder, seal: options.seal });
    this.files = new ReleaseFiles({
      ...options,
      folder: join(folder, 'releases'),
      user: () => sandbox.userOfEnvironment(state.userIndex),
      token: () => state.desired.token,
      tell,
      changed,
    });
    this.set = new InstanceSet({
      ...options,
      state,
      folder: join(folder, 'instances'),
      filesOf: (release) => this.files.folderOf(release),
      save: () => this.save(),
      tell,
      changed,
    });
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

  get instances(): readonly Instance[] {
    return this.set.all;
  }

  /** Takes over what an earlier agent left running, and starts again what has ended. */
  adopt(): void {
    this.set.adoptAll();
    this.wake();
  }

  /** The newest generation wins; an older one is refused (false), the same one again is harmless. */
  async apply(desired: DesiredEnvironment): Promise<boolean> {
    if (desired.generation < this.generation) return false;
    const newer = desired.generation > this.generation;
    this.state.desired = desired; // the same generation may bring a fresh token
    if (newer) {
      this.set.retireGivenUp();
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

  /** Has everything looked at again, the router included: it may have been replaced by one that knows less. */
  checkRouter(): void {
    this.routed = null;
    this.wake();
  }

  /** Lets go of everything, which goes on as it is; with `instances`, stops them first and keeps what is desired for the next start. */
  async close({ instances }: { instances: boolean }): Promise<void> {
    this.closed = true;
    if (this.retry) clearTimeout(this.retry);
    this.files.close();
    await this.working;
    await (instances ? this.set.stopAll() : this.set.closeAll());
    await this.save();
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
      instances: this.set.all.map((instance) => instance.observe()),
      routed: weightsOf(present),
      traffic: present?.traffic ?? [],
      limits: facts.limits,
      sandbox: facts.mode,
      error: failed ? { code: failure.code, message: failure.message, releaseId: failure.releaseId } : problem,
    };
  }

  private wake(): void {
    this.dirty = true;
    if (this.closed || this.working) return;
    this.working = this.work().finally(() => {
      this.working = null;
      if (this.dirty) this.wake();
    });
  }

  private async work(): Promise<void> {
    while (this.dirty && !this.closed && !this.removed) {
      this.dirty = false;
      try {
        await (this.state.desired.deleted ? this.tearDown() : this.converge());
      } catch (error) {
        this.options.warn(error, 'An environment could not be brought to its desired state; trying again.');
        this.tryAgainSoon();
      }
      this.options.changed();
    }
    this.dirty &&= !this.removed;
  }

  private async converge(): Promise<void> {
    await this.syncRoutes();
    this.noteFailures();
    if (!this.hasFailed()) await this.startMissing();
    if (!this.hasFailed() && this.isReadyToSwitch()) this.takeWeights();
    await this.save();
    await this.syncRoutes();
    if (this.hasSwitched() && !this.routerProblem) this.set.retireSurplus(this.wanted());
    if (this.pruneReleases()) await this.files.keepOnly(Object.values(this.state.releases));
  }

  private hasFailed(): boolean {
    return this.state.failure?.generation === this.generation;
  }

  private hasSwitched(): boolean {
    return this.state.switchedGeneration === this.generation;
  }

  /** An instance that was given up fails the generation that asked for it. */
  private noteFailures(): void {
    for (const { failure, record, release } of this.set.all) {
      const wanted = this.wanted().has(record.version) && record.state !== 'draining';
      if (failure !== null && wanted)
        this.fail('release_unhealthy', `${release.version} did not become healthy. ${failure}`, record.releaseId);
    }
  }

  private fail(code: string, message: string, releaseId: string | null): void {
    if (this.hasFailed()) return;
    const said = shorten(message, MAX_MESSAGE, '…');
    this.state.failure = { generation: this.generation, code, message: said, releaseId };
    this.tell(said);
  }

  private async startMissing(): Promise<void> {
    for (const release of this.state.desired.releases) {
      const version = this.versionOf(release);
      this.state.releases[version] = release;
      const missing = release.instances - this.set.of(version).length;
      if (missing <= 0 || !this.filesAreReady(release)) continue;
      for (let n = 0; n < missing; n++) await this.set.create(release, version);
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

  /** The first switch of a generation waits until all that is to get traffic is healthy; from then on it is the healthy ones that serve. */
  private isReadyToSwitch(): boolean {
    if (this.hasSwitched()) return false;
    return this.state.desired.releases.every((release) => release.weight === 0 || this.healthyOf(release) >= release.instances);
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
      this.routerProblem = (error as Error).message;
      if (error instanceof RoutesRefused) this.fail(error.code, error.message, null);
      else this.tryAgainSoon();
    }
  }

  private async tearDown(): Promise<void> {
    await this.options.router.remove(this.environmentId);
    this.files.close();
    await this.set.stopAll();
    this.set.releasePorts();
    await this.stateFile.remove();
    this.removed = true;
  }

  private isConverged(): boolean {
    if (this.state.desired.deleted) return this.removed;
    if (!this.hasSwitched() || this.routerProblem || this.set.anyLeaving) return false;
    const { releases } = this.state.desired;
    const wanted = releases.reduce((sum, { instances }) => sum + instances, 0);
    return (
      this.set.all.length === wanted &&
      releases.every((release) => this.healthyOf(release) === release.instances) &&
      isRouted(routesOf(this.state), this.routed)
    );
  }

  private healthyOf(release: DesiredRelease): number {
    return this.set.of(this.versionOf(release)).filter((instance) => instance.isHealthy).length;
  }

  /** Version → how many instances. */
  private wanted(): Map<string, number> {
    return new Map(this.state.desired.releases.map((release) => [this.versionOf(release), release.instances]));
  }

  private versionOf(release: DesiredRelease): string {
    return versionOf(release, this.state.desired.limits);
  }

  /** @returns whether any was dropped. */
  private pruneReleases(): boolean {
    const used = new Set([...this.state.instances.map(({ version }) => version), ...this.wanted().keys()]);
    const unused = Object.keys(this.state.releases).filter((version) => !used.has(version));
    for (const version of unused) delete this.state.releases[version];
    return unused.length > 0;
  }

  private async save(): Promise<void> {
    await this.stateFile.save(this.state);
  }

  private tryAgainSoon(): void {
    if (this.closed || this.retry) return;
    this.retry = setTimeout(() => {
      this.retry = null;
      this.wake();
    }, RETRY_MS);
  }

  private tell(line: string): void {
    for (const listener of this.listeners) listener(line);
  }
}
