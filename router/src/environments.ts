import { isDeepStrictEqual } from 'node:util';
import type { EnvironmentRoutes, RoutedEnvironment, Traffic } from '@slipway/protocol';
import type { Logger } from 'pino';
import { Environment } from './environment.js';
import type { Listener } from './listener.js';
import type { RouterMetrics } from './metrics.js';
import { Refused } from './refusal.js';
import type { RouteStore } from './route-store.js';

/** All environments of this machine. Changes of one environment are made one after the other; those of several side by side. */
export class Environments {
  private readonly known = new Map<string, Environment>();
  private readonly turns = new Map<string, Promise<unknown>>();
  private savedTraffic = '{}';

  constructor(
    private readonly store: RouteStore,
    private readonly metrics: RouterMetrics,
    private readonly logger: Logger,
  ) {}

  /** Serves again what was served before the restart. A port that was taken meanwhile costs that environment alone. */
  async restore(): Promise<void> {
    const [saved, traffic] = await Promise.all([this.store.load(), this.store.loadTraffic()]);
    await Promise.all(
      saved.map(async ({ environmentId, routes }) => {
        try {
          await this.open(environmentId, routes, traffic[environmentId]);
        } catch (error) {
          this.logger.error({ err: error, environmentId, port: routes.port }, 'An environment could not be served again.');
        }
      }),
    );
  }

  list(): RoutedEnvironment[] {
    return [...this.known.values()].map((environment) => environment.read());
  }

  /** @throws Refused `not_routed` */
  read(environmentId: string): RoutedEnvironment {
    const environment = this.known.get(environmentId);
    if (environment) return environment.read();
    throw new Refused(404, 'not_routed', `Environment ${environmentId} has no routes here. Its deploy agent sets them with PUT.`);
  }

  /**
   * Resolves once new requests follow `routes` and a restart would restore them. May be repeated.
   * @throws Refused `stale_generation`, `port_in_use`; what was served before goes on being served.
   */
  apply(environmentId: string, routes: EnvironmentRoutes): Promise<RoutedEnvironment> {
    return this.inTurn(environmentId, async () => {
      const environment = this.known.get(environmentId);
      if (!environment) return this.begin(environmentId, routes);
      if (isDeepStrictEqual(environment.routes, routes)) return environment.read();
      refuseStale(environment.routes.generation, routes.generation);
      const listener = environment.routes.port === routes.port ? null : await environment.listenOn(routes.port);
      await this.save(environmentId, routes, listener);
      environment.switchTo(routes, listener);
      return environment.read();
    });
  }

  /** Resolves once the port is free; what is in flight is drained behind it. May be repeated. */
  remove(environmentId: string): Promise<void> {
    return this.inTurn(environmentId, async () => {
      const environment = this.known.get(environmentId);
      await this.store.remove(environmentId);
      this.known.delete(environmentId);
      void environment?.close(environment.routes.drainMs).then(() => environment.forgetMetrics());
    });
  }

  async saveTraffic(): Promise<void> {
    const traffic: Record<string, Traffic[]> = {};
    for (const environment of this.list()) traffic[environment.environmentId] = environment.traffic;
    const text = JSON.stringify(traffic);
    if (text === this.savedTraffic) return;
    await this.store.saveTraffic(traffic);
    this.savedTraffic = text;
  }

  /** Frees every port and lets requests in flight finish for `drainMs`. */
  async close(drainMs: number): Promise<void> {
    await Promise.all([...this.known.values()].map((environment) => environment.close(drainMs)));
  }

  private async begin(environmentId: string, routes: EnvironmentRoutes): Promise<RoutedEnvironment> {
    const environment = await this.open(environmentId, routes, undefined, (listener) => this.save(environmentId, routes, listener));
    return environment.read();
  }

  private async open(
    environmentId: string,
    routes: EnvironmentRoutes,
    countedBefore?: Traffic[],
    beforeServing?: (listener: Listener) => Promise<void>,
  ): Promise<Environment> {
    const environment = new Environment(environmentId, null, routes, this.metrics, countedBefore);
    const listener = await environment.listenOn(routes.port);
    await beforeServing?.(listener);
    environment.switchTo(routes, listener);
    this.known.set(environmentId, environment);
    return environment;
  }

  private async save(environmentId: string, routes: EnvironmentRoutes, opened: Listener | null): Promise<void> {
    try {
      await this.store.save(environmentId, routes);
    } catch (error) {
      opened?.close();
      throw error;
    }
  }

  private inTurn<T>(environmentId: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.turns.get(environmentId) ?? Promise.resolve()).then(act, act);
    this.turns.set(environmentId, turn);
    const forget = () => {
      if (this.turns.get(environmentId) === turn) this.turns.delete(environmentId);
    };
    turn.then(forget, forget);
    return turn;
  }
}

function refuseStale(present: number, asked: number): void {
  if (asked >= present) return;
  throw new Refused(
    409,
    'stale_generation',
    `Generation ${asked} is older than generation ${present}, which is being served; nothing was changed.`,
  );
}
