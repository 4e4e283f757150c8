import { isDeepStrictEqual } from 'node:util';
import type { EnvironmentRoutes, RoutedEnvironment } from '@slipway/protocol';
import type { Logger } from 'pino';
import { Environment } from './environment.js';
import { INSTANCES_MAP, REASONS_MAP } from './haproxy/configuration.js';
import type { Fleet } from './haproxy/fleet.js';
import { NotStarted } from './haproxy/process.js';
import { isFree, refuseTakenPort, untilFree } from './public-port.js';
import { Refused } from './refusal.js';
import type { RouteStore } from './route-store.js';
import type { Served } from './served.js';
import type { TrafficPipe } from './traffic-pipe.js';

/** Between two checks of draining instances, and of the processes that listen for instances. */
const SWEEP_MS = 100;
/** Between two attempts to get a port that another program has. */
const RETRY_PORT_MS = 5_000;
/** A cut takes effect within milliseconds. */
const CUT_LOOK_MS = 5;
const CUT_WITHIN_MS = 1_000;
/** A longer timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export type EnvironmentsOptions = { store: RouteStore; fleet: Fleet; pipe: TrafficPipe; served: Served; logger: Logger };

/** All environments of this machine. Changes are made one after the other. */
export class Environments {
  private turn: Promise<unknown> = Promise.resolve();
  private readonly timers: NodeJS.Timeout[];
  private sweeping: Promise<void> | null = null;

  constructor(private readonly options: EnvironmentsOptions) {
    this.timers = [setInterval(() => this.beginSweep(), SWEEP_MS), setInterval(() => void this.retryPorts(), RETRY_PORT_MS)];
    for (const timer of this.timers) timer.unref();
  }

  /** Serves again what was served before the restart, or goes on with it. A port that was taken meanwhile costs that environment alone. */
  async restore(): Promise<void> {
    const { store, fleet, pipe, served } = this.options;
    for (const saved of (await store.load()).sort((a, b) => b.number - a.number)) {
      const isNumbered = saved.number > 0 && !served.numbered(saved.number);
      served.add(new Environment(saved.environmentId, isNumbered ? saved.number : served.freeNumber(), saved.routes, saved));
    }
    pipe.begin();
    for (const environment of served.all()) environment.endedSince();
    await fleet.begin(pipe.isNew);
    for (const environment of served.all()) environment.isUnserved ||= !fleet.serves(environment.environmentId);
    for (const environment of served.all()) await this.sync(environment);
    for (const environmentId of fleet.environmentsOfEarlier()) if (!served.get(environmentId)) await fleet.cutAll(environmentId);
  }

  async list(): Promise<RoutedEnvironment[]> {
    return Promise.all(this.options.served.all().map((environment) => this.readKnown(environment)));
  }

  /** @throws Refused `not_routed` */
  async read(environmentId: string): Promise<RoutedEnvironment> {
    const environment = this.options.served.get(environmentId);
    if (environment && !environment.isUnserved) return this.readKnown(environment);
    throw new Refused(404, 'not_routed', `Environment ${environmentId} has no routes here. Its deploy agent sets them with PUT.`);
  }

  /**
   * Resolves once new requests follow `routes` and a restart would restore them. May be repeated.
   * @throws Refused `stale_generation`, `port_in_use`, `port_forbidden`, `address_in_use`; what was served before goes on being served.
   */
  apply(environmentId: string, routes: EnvironmentRoutes): Promise<RoutedEnvironment> {
    return this.inTurn(async () => {
      const { served } = this.options;
      const known = served.get(environmentId);
      if (known && !known.isUnserved && !known.isUnsaid && isDeepStrictEqual(known.routes, routes)) return this.readKnown(known);
      if (known) refuseStale(known.routes.generation, routes.generation);
      this.refuseAddressOfAnother(environmentId, routes);
      if (!this.hasPort(routes.port)) await refuseTakenPort(routes.port);
      const environment = known ?? new Environment(environmentId, served.freeNumber(), routes);
      await this.change(environment, routes);
      return this.readKnown(environment);
    });
  }

  /** Resolves once the port is free; what is in flight is drained behind it. May be repeated. */
  remove(environmentId: string): Promise<void> {
    return this.inTurn(async () => {
      const { store, served, fleet } = this.options;
      const environment = served.get(environmentId);
      await store.remove(environmentId);
      if (!environment) return;
      served.remove(environmentId);
      await fleet.reload();
      if (!this.hasPort(environment.routes.port)) await untilFree(environment.routes.port);
      setTimeout(
        () => {
          fleet
            .cutAll(environmentId)
            .catch((error: unknown) =>
              this.options.logger.warn(
                { err: error, environmentId },
                'The requests that a deleted environment still works on could not be ended.',
              ),
            )
            .finally(() => served.forgetNumber(environment));
        },
        Math.min(environment.routes.drainMs, MAX_TIMER_MS),
      ).unref();
    });
  }

  /** Ends everything that an instance which is no longer listed still works on. @throws Refused `still_routed` */
  async cut(environmentId: string, instanceId: string): Promise<void> {
    const environment = this.options.served.get(environmentId);
    if (environment?.isListed(instanceId))
      throw new Refused(409, 'still_routed', `Instance ${instanceId} still gets requests. Set routes without it first.`);
    const draining = environment?.drainingInstances().find((each) => each.instanceId === instanceId);
    if (!environment || !draining) return;
    await this.options.fleet.cut(environmentId, `${draining.releaseId}.${instanceId}`);
    for (const giveUpAt = performance.now() + CUT_WITHIN_MS; performance.now() < giveUpAt; ) {
      const { sessions = 0 } = (await this.options.fleet.counts(environmentId)).get(`${draining.releaseId}.${instanceId}`) ?? {};
      if (sessions === 0) break;
      await new Promise((resolve) => setTimeout(resolve, CUT_LOOK_MS));
    }
    await this.forgetDrained(environment, instanceId);
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.sweeping;
    await this.turn;
  }

  /** Ports that others have taken, so that HAProxy can serve the rest. */
  async leaveOutTakenPorts(): Promise<void> {
    for (const environment of this.options.served.all()) {
      if (environment.isUnserved || (await isFree(environment.routes.port))) continue;
      environment.isUnserved = true;
      const { environmentId, routes } = environment;
      this.options.logger.error({ environmentId, port: routes.port }, 'An environment is not served: another program listens on its port.');
    }
  }

  private async change(environment: Environment, routes: EnvironmentRoutes): Promise<void> {
    const { served, store, fleet } = this.options;
    const isNew = !served.get(environment.environmentId);
    const before = { routes: environment.routes, isUnserved: environment.isUnserved };
    const needsReload =
      isNew || environment.isUnserved || routes.port !== before.routes.port || !isDeepStrictEqual(routes.options, before.routes.options);
    environment.switchTo(routes);
    environment.endedSince();
    environment.isUnserved = false;
    served.add(environment);
    try {
      await store.save(environment);
      if (needsReload) await fleet.reload();
    } catch (error) {
      environment.switchTo(before.routes);
      environment.isUnserved = before.isUnserved;
      if (isNew) await this.forget(environment);
      else await store.save(environment);
      throw error instanceof NotStarted ? asRefusal(error, routes.port) : error;
    }
    environment.isUnsaid = true;
    await this.sync(environment);
    environment.isUnsaid = false;
    if (needsReload && !isNew && !this.hasPort(before.routes.port)) await untilFree(before.routes.port);
  }

  private async forget(environment: Environment): Promise<void> {
    this.options.served.remove(environment.environmentId);
    this.options.served.forgetNumber(environment);
    await this.options.store.remove(environment.environmentId);
  }

  private async sync(environment: Environment): Promise<void> {
    const { fleet } = this.options;
    await fleet.setMap(REASONS_MAP, [[environment.environmentId, environment.reason]]);
    if (environment.routes.options.picks.length > 0 || environment.routes.options.sticky === 'release')
      await fleet.setMap(INSTANCES_MAP, [...environment.instancesByRelease()]);
    await fleet.sync(environment.environmentId, environment.servers(), environment.routes.options);
  }

  private async readKnown(environment: Environment): Promise<RoutedEnvironment> {
    // In this order: a request is counted as in flight until its line has been written.
    const counts = await this.options.fleet.counts(environment.environmentId);
    this.options.pipe.takeAll();
    return environment.read(counts);
  }

  private hasPort(port: number): boolean {
    return this.options.served.all().some((environment) => !environment.isUnserved && environment.routes.port === port);
  }

  private refuseAddressOfAnother(environmentId: string, routes: EnvironmentRoutes): void {
    const addresses = addressesOf(routes);
    for (const other of this.options.served.all()) {
      if (other.environmentId === environmentId || other.routes.port !== routes.port) continue;
      const taken = [...addressesOf(other.routes)].find((address) => addresses.has(address));
      if (taken === undefined && isTls(other.routes) === isTls(routes)) continue;
      throw new Refused(
        409,
        'address_in_use',
        taken === undefined
          ? `Port ${routes.port} is served ${isTls(other.routes) ? 'over TLS' : 'without TLS'} for environment ${other.environmentId}. Give both certificates, or take another port.`
          : `Environment ${other.environmentId} has ${taken || 'every address'} on port ${routes.port} already. Take another port, or a host name or path that no other has.`,
      );
    }
  }

  /** In turn with changes: an instance that is just being taken out still gets requests until HAProxy has been told. */
  private beginSweep(): void {
    this.sweeping ??= this.inTurn(() => this.sweep()).finally(() => {
      this.sweeping = null;
    });
  }

  private async sweep(): Promise<void> {
    try {
      for (const environment of this.options.served.all()) {
        for (const name of environment.endedSince()) await this.options.fleet.takeOut(environment.environmentId, name);
        if (environment.drainingInstances().length > 0) await this.sweepDraining(environment);
      }
    } catch (error) {
      this.options.logger.warn({ err: error }, 'Draining instances could not be checked; trying again.');
    }
  }

  private async sweepDraining(environment: Environment): Promise<void> {
    const { environmentId } = environment;
    const counts = await this.options.fleet.counts(environmentId);
    for (const { releaseId, instanceId, until } of environment.drainingInstances()) {
      const { sessions = 0 } = counts.get(`${releaseId}.${instanceId}`) ?? {};
      if (sessions === 0) await this.forgetDrained(environment, instanceId);
      else if (Date.now() >= until) await this.cut(environmentId, instanceId);
    }
  }

  private async forgetDrained(environment: Environment, instanceId: string): Promise<void> {
    environment.hasDrained(instanceId);
    if (this.options.served.get(environment.environmentId) === environment) await this.options.store.save(environment);
  }

  private retryPorts(): Promise<void> {
    if (!this.options.served.all().some(({ isUnserved }) => isUnserved)) return Promise.resolve();
    return this.inTurn(async () => {
      for (const environment of this.options.served.all()) {
        if (!environment.isUnserved || !(await isFree(environment.routes.port))) continue;
        environment.isUnserved = false;
        await this.options.fleet.reload().catch((error: unknown) => {
          environment.isUnserved = true;
          throw error;
        });
      }
    }).catch((error: unknown) => this.options.logger.warn({ err: error }, 'A port that is free again could not be opened.'));
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(act, act);
    this.turn = turn.catch(() => undefined);
    return turn;
  }
}

function asRefusal(error: NotStarted, port: number): Refused {
  const what = /cannot bind|in use/i.test(error.message) ? 'port_in_use' : 'not_served';
  return new Refused(
    409,
    what,
    `The router could not serve this on port ${port}; what was served before is still served. ${error.message}`,
  );
}

const isTls = ({ options }: EnvironmentRoutes): boolean => options.certificates.length > 0;

/** Host and path of each; an empty one is all of the port. */
function addressesOf({ options: { hosts, paths } }: EnvironmentRoutes): Set<string> {
  const names = hosts.length > 0 ? hosts : [''];
  return new Set(names.flatMap((host) => (paths.length > 0 ? paths : ['']).map((path) => host + path)));
}

function refuseStale(present: number, asked: number): void {
  if (asked >= present) return;
  throw new Refused(
    409,
    'stale_generation',
    `Generation ${asked} is older than generation ${present}, which is being served; nothing was changed.`,
  );
}
