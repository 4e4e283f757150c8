import { createServer } from 'node:net';

/** Below the ephemeral range, so that no outgoing connection takes one; environments' public ports end before. */
export const INSTANCE_PORTS = { first: 25_000, last: 29_999 };

/** Hands out loopback ports to instances. A returned port is not handed out again soon, so that late clients do not reach another release. */
export class InstancePorts {
  private readonly taken = new Set<number>();
  private next: number;

  constructor(
    private readonly range = INSTANCE_PORTS,
    startAt = range.first + Math.floor(Math.random() * (range.last - range.first)),
  ) {
    this.next = startAt;
  }

  /** A port that an instance has from before a restart. */
  keep(port: number): void {
    this.taken.add(port);
  }

  /** For an instance that starts again: its port if it is free, else another; a stranger may have taken it while nobody listened. */
  async renew(port: number): Promise<number> {
    if (await isFree(port)) return port;
    const next = await this.take();
    this.release(port);
    return next;
  }

  release(port: number): void {
    this.taken.delete(port);
  }

  /** @throws Error when all are in use. */
  async take(): Promise<number> {
    const { first, last } = this.range;
    for (let tries = first; tries <= last; tries++) {
      const port = this.next;
      this.next = port >= last ? first : port + 1;
      if (this.taken.has(port)) continue;
      this.taken.add(port);
      if (await isFree(port)) return port;
      this.taken.delete(port);
    }
    throw new Error(`No port between ${first} and ${last} is free for another instance. Stop what listens there, or delete environments.`);
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
