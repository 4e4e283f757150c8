import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'undici';
import { ROOT } from '../../scripts/bootstrap/paths.mjs';
import { NODE_ENVIRONMENT, NODE_FLAGS } from '../../scripts/launcher/programs.mjs';
import { treeOf } from './processes.ts';
import { freePort } from './wait.ts';

export type Backend = { releaseId: string; instanceId: string; host: string; port: number; weight: number };
export type Routed = {
  traffic: { releaseId: string; served: number; failed: number; cut: number; inFlight: number }[];
  draining: { instanceId: string; inFlight: number; streams: number }[];
};

/** The router as `npm start` runs it, with one environment, told over its socket what deploy agents tell it. */
export class Router implements AsyncDisposable {
  readonly url: string;
  private readonly port: number;
  private readonly dir: string;
  private readonly child;
  private readonly control: Client;
  private readonly environment = `/environments/${randomUUID()}`;
  private generation = 0;

  private constructor(dir: string, port: number) {
    this.dir = dir;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    const socketPath = join(dir, 'control.sock');
    this.child = fork(join(ROOT, 'router/dist/main.js'), {
      execArgv: NODE_FLAGS,
      env: {
        PATH: process.env.PATH,
        ...NODE_ENVIRONMENT,
        SLIPWAY_ROUTER_DIR: dir,
        SLIPWAY_ROUTER_SOCKET: socketPath,
        SLIPWAY_LOG_LEVEL: 'warn',
      },
    });
    this.control = new Client('http://router', { socketPath });
  }

  static async start(): Promise<Router> {
    const router = new Router(await mkdtemp(join(tmpdir(), 'slipway-bench-router-')), await freePort());
    await once(router.child, 'message');
    return router;
  }

  /** All traffic goes to this one; what another was sent before has `drainMs` to finish. */
  async routeTo(backend: Backend, drainMs = 10_000): Promise<Routed> {
    const body = JSON.stringify({ generation: ++this.generation, port: this.port, drainMs, backends: [backend] });
    return this.say('PUT', body);
  }

  /** What an instance without a route still works on: requests, and streams that need not end by themselves. */
  async left(instanceId: string): Promise<{ requests: number; streams: number }> {
    const { draining } = await this.read();
    const { inFlight = 0, streams = 0 } = draining.find((each) => each.instanceId === instanceId) ?? {};
    return { requests: inFlight - streams, streams };
  }

  /** Of the router, then of its HAProxy. */
  get pids(): number[] {
    return treeOf(this.child.pid as number);
  }

  read(): Promise<Routed> {
    return this.say('GET');
  }

  private async say(method: 'GET' | 'PUT', body?: string): Promise<Routed> {
    const answer = await this.control.request({ path: this.environment, method, body: body ?? null });
    if (answer.statusCode !== 200) throw new Error(`The router answered ${answer.statusCode}: ${await answer.body.text()}`);
    return (await answer.body.json()) as Routed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.control.close();
    const ended = once(this.child, 'exit');
    this.child.disconnect(); // ends HAProxy too
    await ended;
    await rm(this.dir, { recursive: true, force: true });
  }
}
