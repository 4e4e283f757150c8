import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics.js';
import { sameSecret } from '../secrets.js';

const CHECK_TIMEOUT_MS = 2_000;

/** Something that the server can't work without. `check` rejects if it is away; it may be called at any time, by several callers at once. */
export type Readiness = { name: string; check(): Promise<unknown> };

/** `/healthz`: the process answers. `/readyz`: what it depends on answers too. `/metrics`: Prometheus, for this machine alone or with the token. */
export function addHealthRoutes(
  app: FastifyInstance,
  deps: { readiness: Readiness[]; metrics: Metrics; metricsToken: string | null },
): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const checks = await Promise.all(deps.readiness.map(answers));
    const ready = checks.every((check) => check.ready);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks });
  });
  app.get('/metrics', async (request, reply) => {
    const token = request.headers.authorization?.match(/^Bearer (.+)$/i)?.[1];
    const allowed =
      deps.metricsToken === null
        ? isLoopback(request.socket.remoteAddress) && !request.headers['x-forwarded-for']
        : sameSecret(token, deps.metricsToken);
    if (!allowed) {
      return reply.code(403).send({
        error: {
          code: 'metrics_forbidden',
          message:
            'Metrics are only for this machine. To read them from elsewhere, set SLIPWAY_METRICS_TOKEN and send it as a bearer token.',
        },
      });
    }
    return reply.type(deps.metrics.registry.contentType).send(await deps.metrics.registry.metrics());
  });
}

async function answers({ name, check }: Readiness): Promise<{ name: string; ready: boolean }> {
  const timeout = AbortSignal.timeout(CHECK_TIMEOUT_MS);
  const late = new Promise<never>((_resolve, reject) => timeout.addEventListener('abort', () => reject(timeout.reason), { once: true }));
  const ready = await Promise.race([check(), late]).then(
    () => true,
    () => false,
  );
  return { name, ready };
}

const isLoopback = (address: string | undefined): boolean => address === '::1' || /^(::ffff:)?127\./.test(address ?? '');
