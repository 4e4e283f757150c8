import { buildConnector, Pool } from 'undici';
import { type ListeningProcess, listens } from './listening-process.js';
import type { Ending, ReleaseTraffic } from './release-traffic.js';

/** A request or an upgraded connection that a backend is working on. */
export interface Exchange {
  /** Asks the client to leave, where the protocol has a way to say so. May be repeated. */
  goAway(): void;
  /** Ends it now; it calls {@link Backend.end} with `cut`. */
  cut(): void;
}

export type BackendTarget = { releaseId: string; instanceId: string; host: string; port: number; listener?: ListeningProcess | undefined };

/** Connections to one instance, kept alive between requests. */
const MAX_CONNECTIONS = 2048;
/** Longest silence before the first byte of an answer. Between later bytes there is no limit: streams may pause. */
const ANSWER_TIMEOUT_MS = 300_000;
const CONNECT_TIMEOUT_MS = 5_000;
const connector = buildConnector({ timeout: CONNECT_TIMEOUT_MS });
/** Idle connections are let go before usual servers close them (5 s), so that no request meets a closing one. */
const IDLE_MS = 1_000;
const MAX_IDLE_MS = 4_000;
/** A web socket is told to go after this long, or half the drain time where that is less: what was asked just before is answered. */
const GO_AWAY_AFTER_MS = 1_000;

/** One instance of a release and what it is working on. Knows how to drain. */
export class Backend {
  private readonly exchanges = new Set<Exchange>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private retired: (() => void) | null = null;
  private connections: Pool | null = null;
  /** The process that holds the port; another after the instance was started again. Undefined: not known. */
  listener: ListeningProcess | undefined;

  constructor(
    readonly target: BackendTarget,
    readonly traffic: ReleaseTraffic,
  ) {
    this.listener = target.listener;
  }

  get inFlight(): number {
    return this.exchanges.size;
  }

  get pool(): Pool {
    this.connections ??= new Pool(`http://${hostInUrl(this.target.host)}:${this.target.port}`, {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: 0,
      connect: this.connect,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: MAX_IDLE_MS,
    });
    return this.connections;
  }

  /**
   * Whether the port is the instance's still, to be asked once a connection to it has come about: a stranger can only take the port after the
   * process that held it has ended.
   */
  get isItself(): boolean {
    return !this.listener || listens(this.listener);
  }

  private readonly connect: buildConnector.connector = (options, callback) =>
    connector(options, (error, socket) => {
      if (error || this.isItself) return error ? callback(error, null) : callback(null, socket);
      socket.destroy();
      callback(new Error(`The process that listened on port ${this.target.port} has ended`), null);
    });

  begin(exchange: Exchange): void {
    this.exchanges.add(exchange);
    this.traffic.begin();
  }

  /** Only the first call for an exchange counts. */
  end(exchange: Exchange, ending: Ending): void {
    if (!this.exchanges.delete(exchange)) return;
    this.traffic.end(ending);
    if (this.exchanges.size === 0) this.retired?.();
  }

  /** No new request comes: lets those in flight finish for at most `drainMs`, cuts the rest. Resolves when none is left. */
  async retire(drainMs: number): Promise<void> {
    if (this.exchanges.size > 0) {
      const drained = new Promise<void>((resolve) => {
        this.retired = resolve;
      });
      this.after(Math.min(GO_AWAY_AFTER_MS, drainMs / 2), (exchange) => exchange.goAway());
      this.after(drainMs, (exchange) => exchange.cut());
      await drained;
    }
    this.stopDraining();
    await this.letConnectionsGo();
  }

  /** Back in the rotation before it was drained. */
  revive(): void {
    this.stopDraining();
  }

  private stopDraining(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.retired = null;
  }

  private after(delayMs: number, act: (exchange: Exchange) => void): void {
    this.timers.add(
      setTimeout(() => {
        for (const exchange of [...this.exchanges]) act(exchange);
      }, delayMs),
    );
  }

  private async letConnectionsGo(): Promise<void> {
    const pool = this.connections;
    this.connections = null;
    await pool?.close();
  }
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
