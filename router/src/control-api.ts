import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { EnvironmentRoutes, type RouterRefusal } from '@slipway/protocol';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Environments } from './environments.js';
import type { RouterMetrics } from './metrics.js';
import { Refused } from './refusal.js';

const MAX_BODY_BYTES = 1024 * 1024;

type Answer = { status: number; type: string; body: string };

/** How deploy agents tell the router what to do; see routes.ts of the protocol for the contract. */
export function createControlApi(environments: Environments, metrics: RouterMetrics, logger: Logger): Server {
  return createServer((request, response) => {
    answer(environments, metrics, request)
      .catch((error: unknown) => refusal(error, logger))
      .then((result) => send(response, result))
      .catch((error: unknown) => logger.warn({ err: error }, 'An answer of the control API could not be sent.'));
  });
}

async function answer(environments: Environments, metrics: RouterMetrics, request: IncomingMessage): Promise<Answer> {
  const path = request.url ?? '';
  if (path === '/healthz') return { status: 200, type: 'text/plain', body: 'ok\n' };
  if (path === '/metrics') return { status: 200, type: metrics.registry.contentType, body: await metrics.registry.metrics() };
  if (path === '/environments' && request.method === 'GET') return json(200, environments.list());
  const environmentId = z.uuid().safeParse(path.match(/^\/environments\/([^/?]+)$/)?.[1]).data;
  if (!environmentId) throw new Refused(404, 'unknown_path', `There is nothing at ${path}. Use /environments, /healthz or /metrics.`);
  return onEnvironment(environments, environmentId, request);
}

async function onEnvironment(environments: Environments, environmentId: string, request: IncomingMessage): Promise<Answer> {
  switch (request.method) {
    case 'GET':
      return json(200, environments.read(environmentId));
    case 'PUT':
      return json(200, await environments.apply(environmentId, await readRoutes(request)));
    case 'DELETE':
      await environments.remove(environmentId);
      return { status: 204, type: 'text/plain', body: '' };
    default:
      throw new Refused(405, 'unknown_method', `${request.method} does nothing here. Use GET, PUT or DELETE.`);
  }
}

async function readRoutes(request: IncomingMessage): Promise<EnvironmentRoutes> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Refused(413, 'too_long', `The body has more than ${MAX_BODY_BYTES} bytes. Send less.`);
    chunks.push(chunk);
  }
  const parsed = EnvironmentRoutes.safeParse(parseJson(Buffer.concat(chunks).toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new Refused(400, 'wrong_routes', `These are not valid routes: ${z.prettifyError(parsed.error)}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refused(400, 'wrong_json', `The body is not JSON: ${(error as Error).message}.`);
  }
}

function refusal(error: unknown, logger: Logger): Answer {
  if (error instanceof Refused) return json(error.status, { error: { code: error.code, message: error.message } } satisfies RouterRefusal);
  logger.error({ err: error }, 'A request to the control API failed.');
  return json(500, {
    error: { code: 'internal', message: `The router failed: ${(error as Error).message}.` },
  } satisfies RouterRefusal);
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'Content-Type': type }).end(body);
}
