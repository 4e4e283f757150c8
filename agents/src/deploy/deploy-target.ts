import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DesiredEnvironment, ObservedReply, type Outcome, type Work } from '@slipway/protocol';
import type { Logger } from 'pino';
import type { WorkspaceProgram } from '../job/workspace-program.js';
import { MAX_ENVIRONMENT_USERS, type Sandbox } from '../sandbox/sandbox.js';
import { type DeployLog, followDeployment } from './deploy-job.js';
import { DeployedEnvironment } from './environment.js';
import { type EnvironmentState, loadState } from './environment-state.js';
import { InstancePorts } from './ports.js';
import { Reporter } from './reporter.js';
import { RouterClient } from './router-client.js';
import { SealedText } from './sealed-text.js';

export type DeployTargetOptions = {
  agentDir: string;
  /** The seed of the agent's key pair: what is kept of environments is sealed with it. */
  agentKey: Uint8Array;
  routerSocket: string;
  sandbox: Sandbox;
  program: WorkspaceProgram;
  /** Base address of the server, as it is known by now. */
  httpUrl: () => string;
  /**
   * A request to the server, answered with the reply's parsed JSON. It tries again by itself while the server can't be reached;
   * it throws when the server refuses for good.
   */
  request: (verb: 'desired' | 'observed', payload: unknown) => Promise<unknown>;
  logger: Logger;
  ports?: InstancePorts;
};

/** Applications as processes on this machine, behind the router. */
export interface DeployTarget {
  /** Called once, before anything else: adopts what runs and starts what should run. It does not need the server. */
  adoptAll(): Promise<void>;
  /** The server has `generation` of this environment for us; fetched and applied unless it is here already. May be repeated. */
  apply(environmentId: string, generation: number): Promise<void>;
  /** Applies the desired state in the work and follows the deployment to its verdict. The output goes to the log. */
  runDeployJob(work: Work, log: DeployLog, stop: AbortSignal): Promise<Outcome>;
  /**
   * Stops watching everything. With `instances` the applications are stopped too, and come back with the next `adoptAll`; otherwise they keep
   * running.
   */
  stop(options: { instances: boolean }): Promise<void>;
  environments(): { environmentId: string; generation: number }[];
}

type Looked = { environment: DeployedEnvironment; reporter: Reporter };

/** How often it looks for changes that are not announced: a router that was replaced. */
const CHECK_EVERY_MS = 10_000;

export function createDeployTarget(options: DeployTargetOptions): DeployTarget {
  return new HostTarget(options);
}

class HostTarget implements DeployTarget {
  private readonly known = new Map<string, Looked>();
  private readonly arriving = new Map<string, Promise<void>>();
  private readonly folder: string;
  private readonly seal: SealedText;
  private readonly router: RouterClient;
  private readonly ports: InstancePorts;
  private readonly checking: NodeJS.Timeout;
  private stopped = false;

  constructor(private readonly options: DeployTargetOptions) {
    this.folder = join(options.agentDir, 'environments');
    this.seal = new SealedText(options.agentKey);
    this.router = new RouterClient(options.routerSocket);
    this.ports = options.ports ?? new InstancePorts();
    this.checking = setInterval(() => {
      for (const { environment } of this.known.values()) environment.checkRouter();
    }, CHECK_EVERY_MS);
    this.checking.unref();
  }

  async adoptAll(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o711 });
    const states = (await Promise.all((await readdir(this.folder)).map((name) => this.load(name)))).filter((state) => state !== null);
    // All ports first: nothing may start on a port that another environment's instance comes back to.
    for (const { port } of states.flatMap(({ instances }) => instances)) this.ports.keep(port);
    for (const state of states) {
      const { environment } = this.look(new DeployedEnvironment(state, this.environmentOptions(state.desired.environmentId)));
      environment.adopt();
    }
  }

  async apply(environmentId: string, generation: number): Promise<void> {
    const known = this.known.get(environmentId);
    if (known && known.environment.generation >= generation) return known.environment.checkRouter(); // ends in a report
    const reply = ObservedReply.parse(await this.options.request('desired', { environmentId }));
    if (reply.desired) await this.accept(reply.desired);
  }

  async runDeployJob(work: Work, log: DeployLog, stop: AbortSignal): Promise<Outcome> {
    if (!work.deploy) throw new Error(`Job ${work.jobId} of kind deploy came without a deployment.`);
    await this.accept(work.deploy.desired);
    const looked = this.known.get(work.deploy.desired.environmentId);
    if (!looked) return { kind: 'stopped', reason: 'the agent is stopping' };
    return followDeployment(work.deploy, looked.environment, looked.reporter, log, stop);
  }

  async stop({ instances }: { instances: boolean }): Promise<void> {
    this.stopped = true;
    clearInterval(this.checking);
    await Promise.allSettled(this.arriving.values());
    for (const { reporter } of this.known.values()) reporter.close();
    await Promise.all([...this.known.values()].map(({ environment }) => environment.close({ instances })));
  }

  environments(): { environmentId: string; generation: number }[] {
    return [...this.known.values()].map(({ environment: { environmentId, generation } }) => ({ environmentId, generation }));
  }

  /** A folder whose state can't be read costs that environment alone; the server's desired state makes it anew. */
  private async load(environmentId: string): Promise<EnvironmentState | null> {
    try {
      return await loadState({ folder: join(this.folder, environmentId), seal: this.seal });
    } catch (error) {
      this.options.logger.error({ err: error, environmentId }, 'The saved state of an environment could not be read.');
      return null;
    }
  }

  /** One at a time for each environment. Older generations are dropped. */
  private async accept(desired: DesiredEnvironment): Promise<void> {
    if (this.stopped) return;
    const { environmentId } = desired;
    const before = this.arriving.get(environmentId) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.takeIn(desired)); // its failure was its caller's
    this.arriving.set(environmentId, turn);
    await turn.finally(() => {
      if (this.arriving.get(environmentId) === turn) this.arriving.delete(environmentId);
    });
  }

  private async takeIn(desired: DesiredEnvironment): Promise<void> {
    const { environmentId, generation } = desired;
    const looked = this.known.get(environmentId) ?? this.look(this.newEnvironment(desired));
    const applied = await looked.environment.apply(desired);
    if (!applied)
      this.options.logger.warn({ environmentId, generation, present: looked.environment.generation }, 'A stale generation was refused.');
  }

  private newEnvironment(desired: DesiredEnvironment): DeployedEnvironment {
    const state = { userIndex: this.freeUserIndex(), desired, switchedGeneration: -1, failures: [], releases: {}, instances: [] };
    return new DeployedEnvironment(state, this.environmentOptions(desired.environmentId));
  }

  private look(environment: DeployedEnvironment): Looked {
    const { request, logger } = this.options;
    const reporter = new Reporter({
      observe: () => environment.observe(),
      request: (observed) => request('observed', observed),
      apply: (desired) => this.accept(desired),
      warn: (error, message) => logger.warn({ err: error, environmentId: environment.environmentId }, message),
    });
    const looked = { environment, reporter };
    this.known.set(environment.environmentId, looked);
    return looked;
  }

  private environmentOptions(environmentId: string) {
    const { sandbox, program, httpUrl, logger } = this.options;
    return {
      folder: join(this.folder, environmentId),
      seal: this.seal,
      httpUrl,
      sandbox,
      program,
      router: this.router,
      ports: this.ports,
      changed: () => void this.onChanged(environmentId),
      warn: (error: unknown, message: string) => logger.warn({ err: error, environmentId }, message),
    };
  }

  private async onChanged(environmentId: string): Promise<void> {
    const looked = this.known.get(environmentId);
    if (!looked) return;
    looked.reporter.wake();
    if (!looked.environment.isGone) return;
    await looked.reporter.report(); // the server must know that it is gone before we forget it
    looked.reporter.close();
    if (this.known.get(environmentId) === looked) this.known.delete(environmentId);
  }

  private freeUserIndex(): number {
    const taken = new Set([...this.known.values()].map(({ environment }) => environment.state.userIndex));
    for (let index = 0; index < MAX_ENVIRONMENT_USERS; index++) if (!taken.has(index)) return index;
    throw new Error(`This agent has ${MAX_ENVIRONMENT_USERS} environments, which is the most it can hold. Delete some, or add an agent.`);
  }
}
