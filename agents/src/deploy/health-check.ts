import { once } from 'node:events';
import { Agent, type ClientRequest, get, type IncomingMessage } from 'node:http';
import type { HealthCheck } from '@slipway/protocol';

/** `told`: what was answered, as the end of a sentence that begins with the request. `unanswered`: nobody took the connection, or kept it. */
export type HealthAnswer = { healthy: boolean; told: string; unanswered?: boolean };

/** An idle connection is let go after this long, as the router does it and before usual servers close theirs: frequent checks alone keep one. */
const IDLE_MS = 1_000;
/** Then another is made: an application that takes no new connections must not pass for healthy on an old one. */
const CHECKS_PER_CONNECTION = 20;
/** The body doesn't matter; it is read for the connection's sake, and a longer one is not worth that. */
const MAX_BODY_BYTES = 64 * 1024;
/**
 * A process that has answered one request compiles its code as it goes with the next, and its first users wait for that: 12 to 17 ms instead of 6.
 * Most of it is over after some dozens of requests. So many, and no longer: a check may be costly, and a deployment waits.
 */
const WARM_UP_REQUESTS = 50;
const WARM_UP_MS = 250;

/** Asks one process of an instance how it is, with GET, over a connection that it keeps between frequent checks. One check at a time. */
export class HealthProbe implements Disposable {
  private readonly connections = new Agent({ keepAlive: true, timeout: IDLE_MS });
  private checks = 0;
  private last: ClientRequest | null = null;

  constructor(
    private readonly port: number,
    private readonly of: Pick<HealthCheck, 'path' | 'host'>,
  ) {}

  /** 2xx and 3xx are healthy. Never throws. @param stop ends the check, which then was not healthy */
  async check(timeoutMs: number, stop?: AbortSignal): Promise<HealthAnswer> {
    this.last?.destroy(); // its body may never end
    if (this.checks++ % CHECKS_PER_CONNECTION === 0) this.connections.destroy();
    const answer = await this.ask(this.connections, timeoutMs, stop);
    // The application closed an idle connection just as it was used again, which says nothing about its health.
    return answer.isStale ? this.ask(false, timeoutMs, stop) : answer;
  }

  /** Before the first users: checks in a row, whose answers don't count; it ends at the first that is not good. */
  async warmUp(stop: AbortSignal, mostMs = WARM_UP_MS): Promise<void> {
    const giveUpAt = performance.now() + mostMs;
    for (let n = 0; n < WARM_UP_REQUESTS && !stop.aborted; n++) {
      const leftMs = giveUpAt - performance.now();
      if (leftMs <= 0 || !(await this.check(leftMs)).healthy) return;
      await this.bodyIsRead();
    }
  }

  [Symbol.dispose](): void {
    this.last?.destroy();
    this.connections.destroy();
  }

  /** @param agent false: on a connection of its own */
  private ask(agent: Agent | false, timeoutMs: number, signal?: AbortSignal): Promise<HealthAnswer & { isStale: boolean }> {
    return new Promise((resolve) => {
      const { port } = this;
      const { path, host } = this.of;
      const end = (healthy: boolean, told: string, more: { isStale?: boolean; unanswered?: boolean } = {}) =>
        resolve({ healthy, told, isStale: false, ...more });
      const headers = { 'user-agent': 'slipway-health', ...(host && { host }) };
      const asking = get({ host: '127.0.0.1', port, path, agent, headers, ...(signal && { signal }) }, (answer) => {
        const status = answer.statusCode ?? 0;
        end(status >= 200 && status < 400, `answered ${status}`);
        skipBody(asking, answer);
      });
      const deadline = setTimeout(() => {
        end(false, `was not answered within ${timeoutMs} ms`);
        asking.destroy();
      }, timeoutMs);
      asking.on('error', (error: NodeJS.ErrnoException) =>
        end(false, reason(error), { isStale: asking.reusedSocket && isBroken(error), unanswered: isBroken(error) || isRefused(error) }),
      );
      asking.on('close', () => clearTimeout(deadline));
      this.last = asking;
    });
  }

  /** Or is not worth it, or was not there in time. */
  private async bodyIsRead(): Promise<void> {
    if (this.last && !this.last.closed) await once(this.last, 'close');
  }
}

function skipBody(asking: ClientRequest, answer: IncomingMessage): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) asking.destroy();
  });
  answer.on('error', () => undefined); // answered already; the next check has another connection
}

const isRefused = ({ code }: NodeJS.ErrnoException): boolean => code === 'ECONNREFUSED';
const isBroken = ({ code }: NodeJS.ErrnoException): boolean => code === 'ECONNRESET' || code === 'EPIPE';

function reason(error: NodeJS.ErrnoException): string {
  if (isRefused(error)) return 'was refused: nothing listens on the port given by PORT';
  if (error.code === 'ECONNRESET') return 'got a broken connection: nothing answers on the port given by PORT';
  return `failed: ${error.message}`;
}
