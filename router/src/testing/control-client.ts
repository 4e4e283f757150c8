import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EnvironmentRoutes, RoutedEnvironment } from '@slipway/protocol';
import { Agent, request } from 'undici';
import type { z } from 'zod';
import { startRouter } from '../app.js';
import { type Config, readConfig } from '../config.js';
import { freePort } from './processes.js';

/** Of which defaults may be left out. */
export type RoutesInput = z.input<typeof EnvironmentRoutes>;
export type ControlAnswer = { status: number; body: RoutedEnvironment & { error?: { code: string; message: string } } };

export async function control(socket: string, method: 'GET' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<ControlAnswer> {
  const dispatcher = new Agent({ connect: { socketPath: socket } });
  try {
    const answer = await request(`http://router${path}`, { method, dispatcher, body: body === undefined ? null : JSON.stringify(body) });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: text.startsWith('{') ? JSON.parse(text) : (text as never) };
  } finally {
    await dispatcher.close();
  }
}

/** A router with one environment on a free port. */
export async function testRouter() {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-router-'));
  const socket = join(dir, 'control.sock');
  const config = readConfig({ ...process.env, SLIPWAY_ROUTER_DIR: dir, SLIPWAY_ROUTER_SOCKET: socket, SLIPWAY_LOG_LEVEL: 'silent' });
  let router = await startRouter(config);
  const environmentId = randomUUID();
  const port = await freePort();
  let generation = 0;
  const route = (backends: RoutesInput['backends'], more: Partial<RoutesInput> = {}) =>
    control(socket, 'PUT', `/environments/${environmentId}`, { generation: ++generation, port, drainMs: 2_000, backends, ...more });
  return {
    socket,
    dir,
    port,
    environmentId,
    url: `http://127.0.0.1:${port}`,
    route,
    cut: (instanceId: string) => control(socket, 'DELETE', `/environments/${environmentId}/instances/${instanceId}`),
    read: async () => (await control(socket, 'GET', `/environments/${environmentId}`)).body,
    config,
    /** HAProxy goes on meanwhile, unless told otherwise. */
    restart: async ({ haproxy = false, with: other = {} }: { haproxy?: boolean; with?: Partial<Config> } = {}) => {
      await (haproxy ? router.stop() : router.leave());
      router = await startRouter({ ...config, ...other });
    },
    [Symbol.asyncDispose]: async () => {
      await router.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
