import { randomUUID } from 'node:crypto';
import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import { DomainError } from '../errors.js';
import type { Logger } from '../log.js';
import type { Metrics } from '../metrics.js';
import { trustFirst } from './client-address.js';
import { showError, statusOf } from './error-reply.js';
import { addHealthRoutes, type Readiness } from './health.js';
import { isHost } from './origin.js';
import { callersFault, parseBody, refuseCompressed } from './request-body.js';
import { addSecurityHeaders, type SecurityHeaderOptions } from './security-headers.js';
import { addWebPage } from './web-page.js';

const BODY_LIMIT_BYTES = 1024 * 1024;
const REQUEST_ID = /^[\w-]{8,64}$/;
/** Under the idle limit of usual load balancers a connection is reused; over it they would write into a closed one. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** Refused before any route is looked for. */
const UNREADABLE = {
  error: {
    code: 'bad_address',
    message: `The address of this request can't be read: a part of it is too long, or a "%" in it does not begin a UTF-8 character. Check it. A percent sign itself is written "%25".`,
  },
};

export type HttpOptions = {
  log: Logger;
  metrics: Metrics;
  metricsToken: string | null;
  readiness: Readiness[];
  /** Folder of the built page. */
  webDir: string;
  /** See clientAddress. */
  trustedProxies: number;
} & SecurityHeaderOptions;

/**
 * The HTTP side of a server without any wing: ids and a log line for each request, errors, security headers, cookies, health, the page's files.
 * Features register plugins of their own on it; a plugin may drop the body parsers in its own scope. `close()` answers what is under way and then ends.
 */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    loggerInstance: options.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'http.request.id' }),
    trustProxy: trustFirst(options.trustedProxies),
    bodyLimit: BODY_LIMIT_BYTES,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    frameworkErrors: (error: FastifyError, _request, reply: FastifyReply) => void reply.code(error.statusCode ?? 400).send(UNREADABLE),
    genReqId: (request) => takenOver(request.headers['x-request-id']) ?? randomUUID(),
  });
  app.addHook('onRequest', knowHost);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    refuseCompressed(request);
    return parseBody(body);
  });
  await app.register(cookie);
  await app.register(compress, { global: false });
  addSecurityHeaders(app, options);
  observeRequests(app, options.metrics);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const shown = showError(callersFault(error), request.log);
    return reply
      .code(statusOf(shown))
      .send({ error: { code: shown.code, message: shown.message, ...(shown.details ? { details: shown.details } : {}) } });
  });
  addHealthRoutes(app, options);
  await addWebPage(app, options.webDir);
  return app;
}

/** Addresses of this server are made of the host that the caller named. HTTP/1.0, as load balancers speak it to see who is there, may name none. */
async function knowHost(request: FastifyRequest): Promise<void> {
  request.raw.headers.host ??= 'localhost';
  if (isHost(request.host)) return;
  throw new DomainError(
    'bad_input',
    'bad_host',
    'The header "Host" (or "X-Forwarded-Host", which a proxy may set) is not a host name or an address.',
  );
}

/** A proxy's request id is kept, so that its log and ours meet; anything odd is replaced. */
function takenOver(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : null;
}

function observeRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.httpSeconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
    request.log[levelOf(reply.statusCode, route)](
      {
        'http.request.method': request.method,
        // Without the query, which may contain what must not be in a log.
        'url.path': request.url.split('?', 1)[0],
        'http.response.status_code': reply.statusCode,
        'event.duration': Math.round(reply.elapsedTime * 1e6),
        'client.ip': request.ip,
      },
      'request',
    );
  });
}

function levelOf(status: number, route: string): 'warn' | 'info' | 'debug' {
  if (status >= 500) return 'warn';
  return route === '/healthz' || route === '/readyz' || route === '/metrics' ? 'debug' : 'info';
}
