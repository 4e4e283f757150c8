import { shorten } from '@slipway/protocol';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { signInFirst } from '../people/access/access.js';
import type { Actor } from '../people/access/actor.js';
import { COMPRESSED } from '../platform/http/compression.js';
import { originOf } from '../platform/http/origin.js';
import type { Call } from './call.js';
import { openApiOf } from './open-api.js';
import { nameOf, readInput } from './read-input.js';
import { referencePage } from './reference-page.js';

export type RestRoutesDeps = {
  calls: Call[];
  /** @throws DomainError for a token that is not good */
  byToken(token: string): Promise<Actor>;
  publicUrl: string | null;
};

const BASE = '/api/v1';
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** REST v1 under /api/v1, and its description: for programs at /api/v1/openapi.json, for people at /api/v1/. */
export const restRoutes =
  (deps: RestRoutesDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(async (scope) => describeCalls(scope, deps));
    await app.register(async (scope) => {
      leaveBodiesAlone(scope);
      scope.addHook('onRequest', refuseOtherMedia);
      scope.addHook('onSend', async (_request, reply) => {
        reply.header('cache-control', 'no-store');
        if (reply.statusCode === 401) reply.header('www-authenticate', 'Bearer realm="Slipway"');
      });
      for (const call of deps.calls) {
        scope.route({
          method: call.method,
          url: `${BASE}${call.path}`,
          compress: COMPRESSED,
          handler: (request, reply) => answer(deps, call, request, reply),
        });
      }
      for (const [path, calls] of Object.entries(Object.groupBy(deps.calls, (call) => call.path)))
        refuseOtherMethods(scope, path, calls ?? []);
    });
  };

async function answer(deps: RestRoutesDeps, call: Call, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const actor = await actorOf(deps, request);
  const input = await readInput(call, request);
  return reply.code(call.status).send(await call.run(input, { actor, origin: originOf(request, deps.publicUrl) }));
}

/** By bearer token alone: a cookie would let the page of another site call in the name of who looks at it. */
async function actorOf({ byToken }: RestRoutesDeps, { headers }: FastifyRequest): Promise<Actor> {
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (!token) throw signInFirst();
  return byToken(token);
}

/** Bodies are read by `readInput`, for all methods alike. */
function leaveBodiesAlone(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
}

async function refuseOtherMedia(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  const hasBody = encoding !== undefined || Number(length ?? 0) > 0;
  if (!hasBody || JSON_TYPE.test(type ?? '')) return undefined;
  const given = type === undefined ? 'no type' : `the type "${shorten(type, 80)}"`;
  return refuse(
    reply,
    415,
    'unsupported_media_type',
    `The body has ${given}. Send JSON, with the header "Content-Type: application/json".`,
  );
}

function refuseOtherMethods(scope: FastifyInstance, path: string, calls: readonly Call[]): void {
  const allowed = calls.map((call) => call.method as string);
  scope.route({
    method: METHODS.filter((method) => !allowed.includes(method)),
    url: `${BASE}${path}`,
    handler: (request, reply) => {
      reply.header('allow', allowed.join(', '));
      const instead = calls.map(nameOf).join(' or ');
      return refuse(reply, 405, 'method_not_allowed', `There is no ${request.method} ${BASE}${path}. Use ${instead}.`);
    },
  });
}

const refuse = (reply: FastifyReply, status: 405 | 415, code: string, message: string): FastifyReply =>
  reply.code(status).send({ error: { code, message } });

/** Open to everybody: tools that read it don't sign in, and it tells nothing of this installation. */
function describeCalls(scope: FastifyInstance, { calls, publicUrl }: RestRoutesDeps): void {
  const api = openApiOf(calls);
  const json = JSON.stringify(api, null, 2);
  scope.get(`${BASE}/openapi.json`, { compress: COMPRESSED }, (_request, reply) =>
    reply.type('application/json; charset=utf-8').header('access-control-allow-origin', '*').header('cache-control', 'no-cache').send(json),
  );
  const page = (request: FastifyRequest, reply: FastifyReply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send(referencePage(api, originOf(request, publicUrl)));
  scope.get(`${BASE}/`, { compress: COMPRESSED }, page);
  scope.get(BASE, { compress: COMPRESSED }, page);
}
