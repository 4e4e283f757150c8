import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

const YEAR_SECONDS = 365 * 24 * 3600;
/** Paths of programs: never answered with the page, so that a mistyped call gets an error it can read. */
const NOT_PAGES = /^\/(api|git|graphql|schemas|assets|healthz|readyz|metrics)(\/|$|\?)/;

/** Files of the built page; every other address is a place within the page, and answers it. Files under `/assets/` have a hash in their name and never change; they lie there compressed. */
export async function addWebPage(app: FastifyInstance, webDir: string): Promise<void> {
  const built = existsSync(join(webDir, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root: webDir,
      wildcard: false,
      preCompressed: true,
      cacheControl: false,
      acceptRanges: false,
      setHeaders: (reply, path) =>
        reply.header('cache-control', isHashed(path) ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache'),
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const readsPage = (request.method === 'GET' || request.method === 'HEAD') && !NOT_PAGES.test(request.url);
    if (!readsPage) return refuse(reply, request.method, request.url.split('?', 1)[0] ?? '');
    return built ? reply.header('cache-control', 'no-cache').sendFile('index.html') : sayNotBuilt(reply, webDir);
  });
}

const isHashed = (path: string): boolean => path.includes('/assets/');

function refuse(reply: FastifyReply, method: string, path: string): FastifyReply {
  return reply.code(404).send({
    error: {
      code: 'route_not_found',
      message: `There is nothing at ${method} ${path}. Check the address; GraphQL is at /graphql, REST at /api/v1.`,
    },
  });
}

function sayNotBuilt(reply: FastifyReply, webDir: string): FastifyReply {
  const text = `Slipway is running, but its page is not built: there is no index.html in ${webDir}.\nRun "npm run build" and start the server again. The API at /graphql works in the meantime.\n`;
  return reply.code(503).type('text/plain; charset=utf-8').send(text);
}
