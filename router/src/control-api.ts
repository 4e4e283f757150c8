import { createServer, type IncomingMessage, request as openRequest, type Server, type ServerResponse } from 'node:http';
import { EnvironmentRoutes, type RouterRefusal } from '@slipway/protocol';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Environments } from './environments.js';
import type { Fleet } from './haproxy/fleet.js';
import { METRICS_TYPE, metricsText } from './metrics.js';
import { Refused } from './refusal.js';
import type { Served } from './served.js';

const MAX_BODY_BYTES = 1024 * 1024;

type Answer = { status: number; type: string; body: string };

/** How deploy agents tell the router what to do; see routes.ts of the protocol for the contract. */
export function createControlApi(environments: Environments, served: Served, fleet: Fleet, logger: Logger): Server {
  return createServer((request, response) => {
    answer(environments, served, fleet, request)
      .catch((error: unknown) => refusal(error, logger))
      .then((result) => send(response, result))
      .catch((error: unknown) => logger.warn({ err: error }, 'An answer of the control API could not be sent.'));
  });
}

/** The metrics alone, for where a Unix socket can't be reached. */
export function createMetricsServer(served: Served, fleet: Fleet, logger: Logger): Server {
  return createServer((request, response) => {
    metricsAt(request.url ?? '', served, fleet)
      .then((found) => {
        if (found) return found;
        throw new Refused(404, 'unknown_path', 'There is nothing here. Use /metrics or /haproxy/metrics.');
      })
      .catch((error: unknown) => refusal(error, logger))
      .then((result) => send(response, result))
      .catch((error: unknown) => logger.warn({ err: error }, 'Metrics could not be sent.'));
  });
}

async function metricsAt(path: string, served: Served, fleet: Fleet): Promise<Answer | null> {
  if (path === '/metrics') return { status: 200, type: METRICS_TYPE, body: metricsText(served.all()) };
  return path === '/haproxy/metrics' ? haproxyMetrics(fleet.exporterSocket) : null;
}

async function answer(environments: Environments, served: Served, fleet: Fleet, request: IncomingMessage): Promise<Answer> {
  const path = request.url ?? '';
  if (path === '/healthz') return { status: 200, type: 'text/plain', body: 'ok\n' };
  const metrics = await metricsAt(path, served, fleet);
  if (metrics) return metrics;
  if (path === '/environments' && request.method === 'GET') return json(200, await environments.list());
  const [, environment, instance] = path.match(/^\/environments\/([^/?]+)(?:\/instances\/([^/?]+))?$/) ?? [];
  const [environmentId, instanceId] = [environment, instance].map((id) => z.uuid().safeParse(id).data);
  if (!environmentId || (instance !== undefined && !instanceId))
    throw new Refused(404, 'unknown_path', `There is nothing at ${path}. Use /environments, /healthz, /metrics or /haproxy/metrics.`);
  return instanceId ? onInstance(environments, environmentId, instanceId, request) : onEnvironment(environments, environmentId, request);
}

async function onInstance(
  environments: Environments,
  environmentId: string,
  instanceId: string,
  request: IncomingMessage,
): Promise<Answer> {
  if (request.method !== 'DELETE') throw new Refused(405, 'unknown_method', `${request.method} does nothing here. Use DELETE.`);
  await environments.cut(environmentId, instanceId);
  return { status: 204, type: 'text/plain', body: '' };
}

/** HAProxy's own Prometheus exporter. */
function haproxyMetrics(socketPath: string | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = openRequest({ socketPath: socketPath ?? '', path: '/metrics' }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      answer.once('end', () => resolve({ status: answer.statusCode ?? 502, type: answer.headers['content-type'] ?? METRICS_TYPE, body }));
      answer.once('error', reject);
    });
    asking.once('error', reject);
    asking.end();
  });
}

async function onEnvironment(environments: Environments, environmentId: string, request: IncomingMessage): Promise<Answer> {
  switch (request.method) {
    case 'GET':
      return json(200, await environments.read(environmentId));
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
