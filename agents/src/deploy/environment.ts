import { join } from 'node:path';
import { AGENT_TROUBLE, type DesiredEnvironment, type DesiredRelease, type Observed, sentences, shorten } from '@slipway/protocol';
import type { WorkspaceProgram } from '../job/workspace-program.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { type EnvironmentState, type Failure, StateFile } from './environment-state.js';
import type { Instance } from './instance.js';
import { InstanceSet } from './instance-set.js';
import { versionOf } from './instance-spec.js';
import type { InstancePorts } from './ports.js';
import { ReleaseFiles } from './release-files.js';
import { RouteSync } from './route-sync.js';
import type { RouterClient } from './router-client.js';
import { weightsOf } from './routes-of.js';
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

/** If the router or the disk kept a pass from finishing, it is repeated after this long. */
const RETRY_MS = 500;
/** Other programs hold ports for longer than a router needs to come back. */
const RETRY_REFUSED_MS = 2_000;
/** In code points: it goes with each report. */
const MAX_MESSAGE = 20_000;

/**
 * Makes one environment match its desired state, whenever anything changes: a newer generation, the health of an instance, files that arrived. Each
 * pass looks at what is there and does what is missing, in an order that never leaves a gap for users: files → instances → weights, once everything
 * that should serve is healthy → routes → drain and stop what is left over. If a generation can't be reached, routes and old instances stay as they
 * were.
 *
 * Each release succeeds or fails on its own: one that can't be started does not affect the others. If the limits of a release have changed, its
 * present instances stay until those with the new limits are healthy, which may be never.
 */
export class DeployedEnvironment {
  private readonly stateFile: StateFile;
  private readonly files: ReleaseFiles;
  private readonly set: InstanceSet;
  private readonly listeners = new Set<(line: string) => void>();
  private readonly routes: RouteSync;
  /** Why the last pass could not do all: the disk, say, or no port is left. */
  private trouble: string | null = null;
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
    this.routes = new RouteSync(state, options.router);
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
      this.state.failures = [];
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

  /** Checks everything again, including the router, which may have been replaced by one without these routes. */
  checkRouter(): void {
    this.routes.forget();
    this.wake();
  }

  /** Stops watching everything, which keeps running; with `instances`, stops it first and keeps the desired state for the next start. */
  async close({ instances }: { instances: boolean }): Promise<void> {
    this.closed = true;
    if (this.retry) clearTimeout(this.retry);
    const closed = this.files.close();
    await this.working;
    await closed;
    await (instances ? this.set.stopAll() : this.set.closeAll());
    await this.save();
  }

  async observe(): Promise<Observed> {
    const { desired, failures } = this.state;
    const { facts } = this.options.sandbox;
    const present = await this.routes.look();
    const { problem } = this.routes;
    const failed = failures.length > 0 || problem?.refused;
    const general = [...(problem ? [problem] : []), ...(this.trouble ? [{ code: AGENT_TROUBLE, message: this.trouble }] : [])];
    const all = [...general.map(told), ...failures.map(told)];
    return {
      environmentId: this.environmentId,
      generation: desired.generation,
      phase: failed ? 'failed' : this.isConverged() ? 'converged' : 'converging',
      instances: this.set.all.map((instance) => instance.observe()),
      routed: weightsOf(present),
      traffic: present?.traffic ?? [],
      limits: facts.limits,
      sandbox: facts.mode,
      error: all[0] ?? null,
      failures: all,
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
        this.trouble = null;
      } catch (error) {
        this.trouble = sentences((error as Error).message, 'The agent can not go on here until that is over; it tries again all the time.');
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
    await this.startMissing();
    if (this.isReadyToSwitch()) this.takeWeights();
    await this.save();
    await this.syncRoutes();
    if (this.hasSwitched() && !this.routes.problem) this.set.retireSurplus(this.kept());
    if (this.pruneReleases()) this.files.keepOnly(Object.values(this.state.releases));
  }

  private hasSwitched(): boolean {
    return this.state.switchedGeneration === this.generation;
  }

  /** A new instance that was given up is the failure of its release. */
  private noteFailures(): void {
    for (const release of this.state.desired.releases) {
      const version = this.versionOf(release);
      const givenUp = this.set.all.find(
        ({ record, failure }) => record.version === version && record.state !== 'draining' && failure !== null,
      );
      if (!givenUp) continue;
      const but = this.earlier(release).length > 0 ? ' with the present limits, so its instances of before go on with theirs' : '';
      this.fail('release_unhealthy', `${release.version} did not become healthy${but}. ${givenUp.failure}`, release);
    }
  }

  private fail(code: string, message: string, release: DesiredRelease): void {
    const version = this.versionOf(release);
    if (this.hasFailed(version)) return;
    const said = shorten(message, MAX_MESSAGE, '…');
    this.state.failures.push({ version, code, message: said, releaseId: release.releaseId });
    this.tell(said);
  }

  private hasFailed(version: string): boolean {
    return this.state.failures.some((failure) => failure.version === version);
  }

  private async startMissing(): Promise<void> {
    for (const release of this.state.desired.releases) {
      const version = this.versionOf(release);
      this.state.releases[version] = release;
      const missing = release.instances - this.set.of(version).length;
      if (missing <= 0 || this.hasFailed(version) || !this.filesAreReady(release)) continue;
      const weight = this.hasSwitched() ? release.weight : 0;
      for (let n = 0; n < missing; n++) await this.set.create(release, version, weight);
    }
  }

  private filesAreReady(release: DesiredRelease): boolean {
    try {
      return this.files.ensure(release);
    } catch (error) {
      this.fail('artifact_unavailable', `${release.version} can't be started. ${(error as Error).message}`, release);
      return false;
    }
  }

  /** The first switch of a generation waits until all that is to get traffic is healthy; from then on it is the healthy ones that serve. */
  private isReadyToSwitch(): boolean {
    if (this.hasSwitched()) return false;
    return this.state.desired.releases.every((release) => release.weight === 0 || this.canServe(release));
  }

  private canServe(release: DesiredRelease): boolean {
    const instances = [...this.set.of(this.versionOf(release)), ...this.earlier(release)];
    return instances.filter((instance) => instance.isHealthy).length >= release.instances;
  }

  private takeWeights(): void {
    const weights = new Map(this.state.desired.releases.map(({ releaseId, weight }) => [releaseId, weight]));
    for (const record of this.state.instances) record.weight = weights.get(record.releaseId) ?? 0;
    this.state.switchedGeneration = this.generation;
    const serving = this.state.desired.releases.filter(({ weight }) => weight > 0);
    this.tell(`Traffic goes to ${serving.map(({ version, weight }) => `${version} (${weight} %)`).join(', ') || 'no release'}`);
  }

  private async syncRoutes(): Promise<void> {
    const before = this.routes.problem;
    await this.routes.sync();
    const { problem } = this.routes;
    if (!problem) return;
    if (problem.refused && problem.message !== before?.message) this.tell(problem.message);
    this.tryAgainSoon(problem.refused ? RETRY_REFUSED_MS : RETRY_MS);
  }

  private async tearDown(): Promise<void> {
    await this.routes.remove();
    await this.files.close();
    await this.set.stopAll();
    this.set.releasePorts();
    await this.stateFile.remove();
    this.removed = true;
  }

  private isConverged(): boolean {
    if (this.state.desired.deleted) return this.removed;
    if (!this.hasSwitched() || !this.routes.isDone || this.set.anyLeaving) return false;
    const { releases } = this.state.desired;
    const wanted = releases.reduce((sum, { instances }) => sum + instances, 0);
    return this.set.all.length === wanted && releases.every((release) => this.healthyOf(release) === release.instances);
  }

  private healthyOf(release: DesiredRelease): number {
    return this.set.of(this.versionOf(release)).filter((instance) => instance.isHealthy).length;
  }

  private earlier(release: DesiredRelease): Instance[] {
    return this.set.earlier(release.releaseId, this.versionOf(release));
  }

  /** Version → how many instances of it stay. */
  private kept(): Map<string, number> {
    const kept = new Map<string, number>();
    for (const release of this.state.desired.releases) {
      kept.set(this.versionOf(release), release.instances);
      if (this.healthyOf(release) >= release.instances) continue;
      for (const { record } of this.earlier(release)) kept.set(record.version, (kept.get(record.version) ?? 0) + 1);
    }
    return kept;
  }

  private versionOf(release: DesiredRelease): string {
    return versionOf(release, this.state.desired.limits);
  }

  /** @returns whether any was dropped. */
  private pruneReleases(): boolean {
    const wanted = this.state.desired.releases.map((release) => this.versionOf(release));
    const used = new Set([...this.state.instances.map(({ version }) => version), ...wanted]);
    const unused = Object.keys(this.state.releases).filter((version) => !used.has(version));
    for (const version of unused) delete this.state.releases[version];
    return unused.length > 0;
  }

  private async save(): Promise<void> {
    await this.stateFile.save(this.state);
  }

  private tryAgainSoon(afterMs = RETRY_MS): void {
    if (this.closed || this.retry) return;
    this.retry = setTimeout(() => {
      this.retry = null;
      this.wake();
    }, afterMs);
  }

  private tell(line: string): void {
    for (const listener of this.listeners) listener(line);
  }
}

const told = ({ code, message, releaseId = null }: Pick<Failure, 'code' | 'message'> & { releaseId?: string | null }) => ({
  code,
  message,
  releaseId,
});
