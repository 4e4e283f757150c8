import type { Environment } from './environment.js';

/** The environments that are served, by both of their names. */
export class Served {
  private readonly byId = new Map<string, Environment>();
  private readonly byNumber = new Map<number, Environment>();

  get(environmentId: string): Environment | undefined {
    return this.byId.get(environmentId);
  }

  numbered(number: number): Environment | undefined {
    return this.byNumber.get(number);
  }

  all(): Environment[] {
    return [...this.byId.values()];
  }

  add(environment: Environment): void {
    this.byId.set(environment.environmentId, environment);
    this.byNumber.set(environment.number, environment);
  }

  /** Its number stays taken until `forgetNumber`: lines about it may still come. */
  remove(environmentId: string): void {
    this.byId.delete(environmentId);
  }

  forgetNumber(environment: Environment): void {
    if (this.byNumber.get(environment.number) === environment) this.byNumber.delete(environment.number);
  }

  freeNumber(): number {
    for (let number = 1; ; number++) if (!this.byNumber.has(number)) return number;
  }
}
