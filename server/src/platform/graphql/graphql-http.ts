import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { DomainError } from '../errors.js';
import { type Actor, type CookieJar, createContext, type GraphContext } from '../http/context.js';
import { STATUS_OF } from '../http/error-reply.js';
import { originOf } from '../http/origin.js';
import type { Logger } from '../log.js';
import type { Metrics } from '../metrics.js';
import type { Graph } from './build-schema.js';
import type { Callers } from './callers.js';
import { formatError } from './error-format.js';
import { LIMITS, limitRules } from './limits.js';
import { costErrors } from './prepare.js';

export type GraphqlOptions = {
  graph: Graph;
  callers: Callers;
  log: Logger;
  metrics: Metrics;
  publicUrl: string | null;
  /** See clientAddress. */
  trustedProxies: number;
  /** Introspection and suggestions on. */
  development: boolean;
};

/** GraphQL over HTTP at `/graphql`: POST with JSON, GET for queries alone, no batches. */
export async function addGraphqlHttp(app: FastifyInstance, options: GraphqlOptions): Promise<void> {
  const apollo = new ApolloServer<GraphContext>({
    schema: options.graph.schema,
    introspection: true, // limitRules decide, for web sockets too
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    parseOptions: { maxTokens: LIMITS.tokens },
    validationRules: limitRules(options.development),
    formatError: (_formatted, error) => formatError(error, options.log, options.development),
    plugins: [ApolloServerPluginLandingPageDisabled(), refuseCostly(options.graph.schema), countOperations(options.metrics)],
    logger: quietLogger(options.log),
  });
  await apollo.start();
  app.addHook('onClose', () => apollo.stop());
  const context = (request: FastifyRequest, reply: FastifyReply) => httpContext(options, request, reply);
  app.route({ method: ['GET', 'POST'], url: '/graphql', handler: fastifyApolloHandler(apollo, { context }) });
}

async function httpContext(options: GraphqlOptions, request: FastifyRequest, reply: FastifyReply): Promise<GraphContext> {
  return createContext({
    actor: await callerOf(options, request),
    requestId: request.id,
    origin: originOf(request, options.publicUrl),
    address: request.ip,
    cookies: cookieJar(reply, originOf(request, options.publicUrl).startsWith('https:')),
    instanceOf: options.graph.instanceOf,
  });
}

/** Said with the status of the refusal; Apollo would say 500. */
async function callerOf({ callers }: GraphqlOptions, { headers }: FastifyRequest): Promise<Actor | null> {
  try {
    return await callers.byHeaders(headers);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new GraphQLError(error.message, { originalError: error, extensions: { http: { status: STATUS_OF[error.kind] } } });
  }
}

/** Cookies that scripts can't read and other sites' forms don't carry. */
function cookieJar(reply: FastifyReply, secure: boolean): CookieJar {
  const rules = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
  return {
    set: (name, value, maxAgeMs) =>
      void reply.setCookie(name, value, { ...rules, maxAge: maxAgeMs === null ? 0 : Math.floor(maxAgeMs / 1_000) }),
  };
}

function refuseCostly(schema: GraphQLSchema): ApolloServerPlugin<GraphContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ document, request, operationName }) => {
        const [error] = costErrors(schema, document, { operationName, variables: request.variables });
        if (!error) return;
        error.extensions.http = { status: 400 };
        throw error;
      },
    }),
  };
}

function countOperations(metrics: Metrics): ApolloServerPlugin<GraphContext> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ operation, errors }) => {
        const outcome = errors ? (operation ? 'error' : 'refused') : 'ok';
        metrics.graphqlOperations.inc({ transport: 'http', type: operation?.operation ?? 'none', outcome });
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
