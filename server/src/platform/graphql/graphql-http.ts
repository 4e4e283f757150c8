import { ApolloServer, type ApolloServerPlugin, type GraphQLResponse, HeaderMap } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, OperationTypeNode, parse } from 'graphql';
import { COMPRESSED } from '../http/compression.js';
import { type Actor, type CookieJar, createContext, type GraphContext } from '../http/context.js';
import { statusOfError } from '../http/error-reply.js';
import { originOf } from '../http/origin.js';
import { atMost, callersFault } from '../http/request-body.js';
import type { Logger } from '../log.js';
import type { Metrics } from '../metrics.js';
import type { Graph } from './build-schema.js';
import type { Callers } from './callers.js';
import { formatError } from './error-format.js';
import { Preparation } from './prepare.js';

export type GraphqlOptions = {
  graph: Graph;
  callers: Callers;
  log: Logger;
  metrics: Metrics;
  publicUrl: string | null;
  /** See clientAddress. */
  trustedProxies: number;
  /** Introspection for everybody, and suggestions. */
  development: boolean;
};

const PREFLIGHT = 'apollo-require-preflight';
/** Headers that a page of another site can't send without being asked for permission first. */
const FORGERY_PROOF = [PREFLIGHT, 'x-apollo-operation-name', 'authorization'];
const RESPONSE_TYPE = 'application/graphql-response+json';
/** Of a caller who is not signed in: more than signing in needs. */
const STRANGERS_BODY_BYTES = 16 * 1024;

/**
 * GraphQL over HTTP at `/graphql`: POST with JSON, GET for queries alone, no batches. Who asks is found out before the body is read, and the operation is
 * read by `Preparation`; Apollo does the rest.
 */
export async function addGraphqlHttp(app: FastifyInstance, options: GraphqlOptions): Promise<void> {
  const apollo = new ApolloServer<GraphContext>({
    schema: options.graph.schema,
    introspection: true, // Preparation decides
    includeStacktraceInErrorResponses: false,
    csrfPrevention: { requestHeaders: FORGERY_PROOF },
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    documentStore: null,
    dangerouslyDisableValidation: true, // Preparation validates
    formatError: (_formatted, error) => formatError(error, options.log, options.development),
    plugins: [ApolloServerPluginLandingPageDisabled(), prepareFirst(options), sayUnavailable()],
    logger: quietLogger(options.log),
  });
  await apollo.start();
  app.addHook('onClose', () => apollo.stop());
  const actors = new WeakMap<FastifyRequest, Actor>();
  const context = async (request: FastifyRequest, reply: FastifyReply) => httpContext(options, actors.get(request) ?? null, request, reply);
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    compress: COMPRESSED,
    onRequest: async (request) => {
      // Without a cookie, a page of another site can't act in anybody's name.
      if (request.headers.cookie === undefined) request.headers[PREFLIGHT] = 'true';
      const actor = await options.callers.byHeaders(request.headers);
      if (actor) actors.set(request, actor);
    },
    preParsing: async (request, _reply, payload) => (actors.has(request) ? payload : atMost(payload, STRANGERS_BODY_BYTES)),
    errorHandler: (error, request, reply) => replyWithError(options, callersFault(error), request, reply),
    handler: fastifyApolloHandler(apollo, { context }),
  });
}

function httpContext(options: GraphqlOptions, actor: Actor | null, request: FastifyRequest, reply: FastifyReply): GraphContext {
  return createContext({
    actor,
    requestId: request.id,
    origin: originOf(request, options.publicUrl),
    address: request.ip,
    cookies: cookieJar(reply, originOf(request, options.publicUrl).startsWith('https:')),
    instanceOf: options.graph.instanceOf,
  });
}

/** What goes wrong before Apollo is asked, in the form of its answers. */
function replyWithError({ log, development }: GraphqlOptions, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const shown = formatError(error, log, development);
  return reply
    .code(statusOfError(error))
    .type(request.headers.accept?.includes(RESPONSE_TYPE) ? `${RESPONSE_TYPE}; charset=utf-8` : 'application/json; charset=utf-8')
    .send(JSON.stringify({ errors: [shown] }));
}

/** Cookies that scripts can't read and other sites' forms don't carry. */
function cookieJar(reply: FastifyReply, secure: boolean): CookieJar {
  const rules = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
  return {
    set: (name, value, maxAgeMs) =>
      void reply.setCookie(name, value, { ...rules, maxAge: maxAgeMs === null ? 0 : Math.floor(maxAgeMs / 1_000) }),
  };
}

/** Hands Apollo the document that `Preparation` read; what was refused is answered in place of being run. */
function prepareFirst({ graph, log, metrics, development }: GraphqlOptions): ApolloServerPlugin<GraphContext> {
  const preparation = new Preparation(graph.schema, development);
  return {
    requestDidStart: async () => {
      let refused: readonly GraphQLError[] | null = null;
      return {
        didResolveSource: async (asked) => {
          const { operationName, variables } = asked.request;
          const prepared = preparation.prepare({ query: asked.source, operationName, variables }, asked.contextValue.actor);
          if ('errors' in prepared) refused = prepared.errors;
          else if (prepared.operation.operation === OperationTypeNode.SUBSCRIPTION) refused = [overSocketsAlone()];
          Object.assign(asked, { document: 'document' in prepared && !refused ? prepared.document : REFUSED });
        },
        responseForOperation: async () => (refused ? refusalOf(refused, log, development) : null),
        willSendResponse: async ({ operation, errors }) => {
          const type = (!refused && operation?.operation) || 'none';
          metrics.graphqlOperations.inc({ transport: 'http', type, outcome: refused ? 'refused' : errors ? 'error' : 'ok' });
        },
      };
    },
  };
}

/** Stands where Apollo wants a document, and is never run. */
const REFUSED = parse('{ __typename }');

const overSocketsAlone = () =>
  new GraphQLError(
    'Subscriptions run over web sockets alone, at this address, by the protocol graphql-transport-ws. Ask for the present state with a query.',
    { extensions: { code: 'subscription_over_http' } },
  );

function refusalOf(errors: readonly GraphQLError[], log: Logger, development: boolean): GraphQLResponse {
  const status = Math.max(...errors.map(statusOfError));
  const shown = errors.map((error) => formatError(error, log, development));
  return { http: { status, headers: new HeaderMap() }, body: { kind: 'single', singleResult: { errors: shown } } };
}

/** Clients and proxies know by the status that it is worth trying again. */
function sayUnavailable(): ApolloServerPlugin<GraphContext> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ response: { body, http } }) => {
        if (body.kind !== 'single' || body.singleResult.data) return;
        if (body.singleResult.errors?.some((error) => error.extensions?.kind === 'unavailable')) http.status = 503;
      },
    }),
  };
}

/** What Apollo has to say goes into our log; it words its lines for a console. */
function quietLogger(log: Logger): {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
} {
  return {
    debug: (text) => log.debug(text),
    info: (text) => log.debug(text),
    warn: (text) => log.warn(text),
    error: (text) => log.error(text),
  };
}
