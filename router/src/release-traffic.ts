import { noTraffic, type Traffic } from '@slipway/protocol';
import { type RouterMetrics, statusClass } from './metrics.js';

/**
 * How a request ended, as the router sees it.
 * `served`: the application's whole answer reached the client. `failed`: the application broke the connection, refused
 * it or was silent for too long. `cut`: the router ended it when draining took too long. `left`: the client went away first.
 */
export type Ending =
  | { kind: 'served'; status: number; durationMs: number | null }
  | { kind: 'failed' }
  | { kind: 'cut' }
  | { kind: 'left' };

/** What one release was asked in one environment, since it was first routed there. */
export class ReleaseTraffic {
  served = 0;
  failed = 0;
  cut = 0;
  inFlight = 0;

  constructor(
    private readonly environmentId: string,
    readonly releaseId: string,
    private readonly metrics: RouterMetrics,
    before?: Traffic,
  ) {
    this.served = before?.served ?? 0;
    this.failed = before?.failed ?? 0;
    this.cut = before?.cut ?? 0;
  }

  begin(): void {
    this.inFlight++;
  }

  end(ending: Ending): void {
    this.inFlight--;
    if (ending.kind === 'left') return;
    this[ending.kind]++;
    this.metrics.count(this.environmentId, this.releaseId, ending.kind === 'served' ? statusClass(ending.status) : ending.kind);
    if (ending.kind === 'served' && ending.durationMs !== null) this.metrics.time(this.environmentId, this.releaseId, ending.durationMs);
  }

  read(): Traffic {
    return { ...noTraffic(this.releaseId), served: this.served, failed: this.failed, cut: this.cut, inFlight: this.inFlight };
  }
}
