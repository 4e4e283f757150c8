import { ROUTER_UNREACHABLE, type RoutedEnvironment } from '@slipway/protocol';
import type { EnvironmentState } from './environment-state.js';
import { type RouterClient, RoutesRefused } from './router-client.js';
import { isRouted, routesOf } from './routes-of.js';

/** `refused`: the router is there but can't do what it is told, because its port belongs to another program. */
export type RouteProblem = { code: string; message: string; refused: boolean };

/** Keeps the routes of one environment as its state says, or says why they are not. */
export class RouteSync {
  /** Null while they are as they should be. */
  problem: RouteProblem | null = null;
  /** As the router said last. */
  private routed: RoutedEnvironment | null = null;
  private isOld = true;

  constructor(
    private readonly state: EnvironmentState,
    private readonly router: RouterClient,
  ) {}

  get isDone(): boolean {
    return this.problem === null && !this.isOld && isRouted(routesOf(this.state), this.routed);
  }

  /** Makes the next {@link sync} tell the router again, because it may have been replaced by one without these routes. */
  forget(): void {
    this.isOld = true;
  }

  /** Does nothing while the router has what it should have. Never throws. */
  async sync(): Promise<void> {
    if (this.isDone) return;
    const routes = routesOf(this.state);
    try {
      this.routed = await this.router.put(this.state.desired.environmentId, routes);
      this.isOld = false;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error as Error);
    }
  }

  /** The routes as they are, with what was counted; as they were known last while the router does not answer. */
  async look(): Promise<RoutedEnvironment | null> {
    return this.router.read(this.state.desired.environmentId).catch(() => this.routed);
  }

  async remove(): Promise<void> {
    await this.router.remove(this.state.desired.environmentId);
  }
}

function problemOf(error: Error): RouteProblem {
  if (error instanceof RoutesRefused) return { code: error.code, message: error.message, refused: true };
  const message = `${error.message} What the router serves can't be changed until it is back; the agent keeps trying.`;
  return { code: ROUTER_UNREACHABLE, message, refused: false };
}
