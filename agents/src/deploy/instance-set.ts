import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DesiredRelease } from '@slipway/protocol';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { EnvironmentState, InstanceRecord } from './environment-state.js';
import { Instance } from './instance.js';
import { instanceSpec } from './instance-spec.js';
import type { InstancePorts } from './ports.js';
import type { RouterClient } from './router-client.js';
import { worksOnRequests } from './routes-of.js';

export type InstanceSetOptions = {
  state: EnvironmentState;
  /** Holds a folder for each instance. */
  folder: string;
  sandbox: Sandbox;
  router: RouterClient;
  ports: InstancePorts;
  filesOf: (release: DesiredRelease) => string;
  save: () => Promise<void>;
  tell: (line: string) => void;
  changed: () => void;
  warn: (error: unknown, message: string) => void;
};

const DRAIN_LOOK_MS = 25;
const MAX_DRAIN_LOOK_MS = 250;

/** The instances of one environment: which there are, how they come and how they leave. Their records in the state follow. */
export class InstanceSet {
  private readonly instances = new Map<string, Instance>();
  private readonly leaving = new Set<string>();
  private closed = false;

  constructor(private readonly options: InstanceSetOptions) {}

  get all(): readonly Instance[] {
    return [...this.instances.values()];
  }

  get anyLeaving(): boolean {
    return this.leaving.size > 0;
  }

  /** Those that count; not what leaves or was given up. */
  of(version: string): Instance[] {
    return this.all.filter(({ record, failure }) => record.version === version && record.state !== 'draining' && failure === null);
  }

  /** Those of the same release that were healthy in another version: with other limits. */
  earlier(releaseId: string, version: string): Instance[] {
    return this.all.filter(
      ({ record }) => record.releaseId === releaseId && record.version !== version && record.proven && record.state !== 'draining',
    );
  }

  /** Takes over, or starts again, what an earlier agent had. */
  adoptAll(): void {
    const { failures, instances } = this.options.state;
    for (const record of instances) {
      const givenUp = record.state === 'stopped' && !record.proven && failures.some(({ version }) => version === record.version);
      const instance = this.add(record);
      if (givenUp) instance.beginGivenUp();
      else instance.begin();
    }
  }

  /** @param weight see {@link InstanceRecord} */
  async create({ releaseId }: DesiredRelease, version: string, weight: number): Promise<void> {
    const record: InstanceRecord = {
      instanceId: randomUUID(),
      releaseId,
      version,
      port: await this.options.ports.take(),
      listener: null,
      weight,
      proven: false,
      state: 'starting',
      startedAt: new Date().toISOString(),
      restarts: 0,
      restartedAt: [],
      exitCode: null,
      message: null,
      limits: this.options.state.desired.limits,
    };
    this.options.state.instances.push(record);
    await this.options.save(); // before the process is there: an agent that dies in between must know where to look
    this.add(record).begin();
  }

  /** Sends away what is not in `wanted` (version → how many), or too many of it: first the unwell, then the young. */
  retireSurplus(wanted: ReadonlyMap<string, number>): void {
    for (const instance of this.all) if (instance.record.state === 'draining') this.retire(instance);
    for (const version of new Set(this.all.map(({ record }) => record.version))) {
      const bestFirst = this.of(version).sort((a, b) => Number(b.isHealthy) - Number(a.isHealthy));
      for (const instance of bestFirst.slice(wanted.get(version) ?? 0)) this.retire(instance);
    }
  }

  retireGivenUp(): void {
    for (const instance of this.all) if (instance.failure !== null) this.retire(instance);
  }

  async stopAll(): Promise<void> {
    this.closed = true;
    await Promise.all(this.all.map((instance) => instance.stop()));
  }

  /** Lets go of them; they go on. */
  async closeAll(): Promise<void> {
    this.closed = true;
    await Promise.all(this.all.map((instance) => instance.close()));
  }

  releasePorts(): void {
    for (const { record } of this.all) this.options.ports.release(record.port);
  }

  private add(record: InstanceRecord): Instance {
    const { state, sandbox, ports, filesOf, tell, changed } = this.options;
    const release = state.releases[record.version];
    if (!release) throw new Error(`Instance ${record.instanceId} has no release in the saved state.`);
    const folder = join(this.options.folder, record.instanceId);
    const places = () => ({ user: sandbox.userOfEnvironment(state.userIndex), files: filesOf(release), folder });
    const spec = () => instanceSpec(sandbox, state.desired, release, record, places());
    const instance = new Instance({
      record,
      release,
      folder,
      sandbox,
      storageMib: (record.limits ?? state.desired.limits).storageMib,
      portFor: (port) => ports.renew(port),
      spec,
      beforeKill: () => this.cut(record.instanceId),
      tell,
      changed,
    });
    ports.keep(record.port);
    this.instances.set(record.instanceId, instance);
    return instance;
  }

  private retire(instance: Instance): void {
    const { instanceId } = instance.record;
    if (this.leaving.has(instanceId)) return;
    this.leaving.add(instanceId);
    void this.leave(instance)
      .catch((error) => this.options.warn(error, 'An instance could not be stopped.'))
      .finally(() => {
        this.leaving.delete(instanceId);
        this.options.changed();
      });
  }

  private async leave(instance: Instance): Promise<void> {
    instance.drain();
    await this.drained(instance);
    if (this.closed) return;
    await instance.stop();
    await this.forget(instance);
  }

  /**
   * Until the router works on no request for it any more, or the time for that is over. Web sockets and event streams need not end by
   * themselves: its application says goodbye to them when it is told to stop.
   */
  private async drained({ record, release }: Instance): Promise<void> {
    const { router, state } = this.options;
    const giveUpAt = performance.now() + release.drainMs;
    for (let lookMs = DRAIN_LOOK_MS; !this.closed; lookMs = Math.min(MAX_DRAIN_LOOK_MS, lookMs * 2)) {
      const present = await router.read(state.desired.environmentId).catch(() => null);
      if (present && !worksOnRequests(present, record.instanceId)) return;
      const leftMs = giveUpAt - performance.now();
      if (leftMs <= 0) return;
      await sleep(Math.min(lookMs, leftMs));
    }
  }

  /** The router counts as cut what it ends itself; what the kill breaks would look like a failure of the application. */
  private async cut(instanceId: string): Promise<void> {
    const { router, state, warn } = this.options;
    await router
      .cut(state.desired.environmentId, instanceId)
      .catch((error) => warn(error, 'The router could not be asked to end what is left open at an instance.'));
  }

  private async forget(instance: Instance): Promise<void> {
    const { state, save, ports, tell } = this.options;
    this.instances.delete(instance.record.instanceId);
    state.instances = state.instances.filter((record) => record !== instance.record);
    await save();
    await instance.removeFiles();
    ports.release(instance.record.port);
    tell(`Stopped ${instance.release.version} on port ${instance.record.port}`);
  }
}
