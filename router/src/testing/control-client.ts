import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EnvironmentRoutes, RoutedEnvironment } from '@slipway/protocol';
import { Agent, request } from 'undici';
import { startRouter } from '../app.js';
import { freePort } from './processes.js';

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
  const config = { dir, socket, logLevel: 'silent' };
  let router = await startRouter(config);
  const environmentId = randomUUID();
  const port = await freePort();
  let generation = 0;
  const route = (backends: EnvironmentRoutes['backends'], more: Partial<EnvironmentRoutes> = {}) =>
    control(socket, 'PUT', `/environments/${environmentId}`, { generation: ++generation, port, drainMs: 2_000, backends, ...more });
  return {
    socket,
    dir,
    port,
    environmentId,
    url: `http://127.0.0.1:${port}`,
    route,
    read: async () => (await control(socket, 'GET', `/environments/${environmentId}`)).body,
    restart: async () => {
      await router.stop();
      router = await startRouter(config);
    },
    [Symbol.asyncDispose]: async () => {
      await router.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
