import type { HealthCheck } from '@slipway/protocol';

export type HealthTurn = 'became_healthy' | 'became_unhealthy' | 'out_of_time';

/** Turns single answers into a state, by the thresholds of a health check. Times are milliseconds of any one clock. */
export class HealthStreak {
  private good = 0;
  private bad = 0;
  private unwellSince: number | null;
  private healthySince: number;

  /** @param healthy for an instance that an earlier agent found healthy. */
  constructor(
    private readonly check: HealthCheck,
    now: number,
    healthy: boolean,
  ) {
    this.unwellSince = healthy ? null : now;
    this.healthySince = now;
  }

  get isHealthy(): boolean {
    return this.unwellSince === null;
  }

  healthyForMs(now: number): number {
    return this.isHealthy ? now - this.healthySince : 0;
  }

  /** `certain`: it is known to be unwell, so that no threshold need be reached. `out_of_time`: unwell for `startupMs`, since the start or since it was healthy last. */
  see(healthy: boolean, now: number, certain = false): HealthTurn | null {
    [this.good, this.bad] = healthy ? [this.good + 1, 0] : [0, this.bad + 1];
    if (this.unwellSince === null) return this.bad >= (certain ? 1 : this.check.unhealthyAfter) ? this.sicken(now) : null;
    if (this.good >= this.check.healthyAfter) return this.recover(now);
    return now - this.unwellSince > this.check.startupMs ? 'out_of_time' : null;
  }

  private sicken(now: number): HealthTurn {
    this.unwellSince = now;
    return 'became_unhealthy';
  }

  private recover(now: number): HealthTurn {
    this.unwellSince = null;
    this.healthySince = now;
    return 'became_healthy';
  }
}
