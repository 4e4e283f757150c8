import { type ExecutionResult, execute, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { pino } from 'pino';
import { Access } from '../people/access/access.js';
import { authChecker } from '../people/access/auth-checker.js';
import type { Database } from '../platform/database.js';
import { buildGraph, type Graph } from '../platform/graphql/build-schema.js';
import { formatError } from '../platform/graphql/error-format.js';
import { Preparation } from '../platform/graphql/prepare.js';
import { subscribe } from '../platform/graphql/subscription-results.js';
import { type Actor, createContext, type GraphContext, type ResolverClass } from '../platform/http/context.js';

export type Answer = { data: Record<string, unknown> | null | undefined; errors: readonly GraphQLFormattedError[] };

export const silent = pino({ level: 'silent' });

/** The GraphQL schema of some resolvers on a test database, with the real rules, limits and error format. */
export function testGraph(database: Database, resolvers: object[]) {
  const classes = resolvers.map((resolver) => resolver.constructor as unknown as ResolverClass);
  const graph = buildGraph(classes, resolvers, authChecker(new Access(database)));
  const preparation = new Preparation(graph.schema, false);
  return {
    graph,

    async run(actor: Actor | null, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
      const prepared = preparation.prepare({ query, variables }, actor);
      if ('errors' in prepared) return shown({ errors: prepared.errors });
      return shown(
        await execute({
          schema: graph.schema,
          document: prepared.document,
          variableValues: variables,
          contextValue: contextFor(graph, actor),
        }),
      );
    },

    /** Events of a subscription; one that could not begin answers its errors as its only event. */
    async *watch(actor: Actor | null, query: string, variables: Record<string, unknown> = {}): AsyncGenerator<Answer> {
      const prepared = preparation.prepare({ query, variables }, actor);
      if ('errors' in prepared) return yield shown({ errors: prepared.errors });
      const args = { schema: graph.schema, document: prepared.document, variableValues: variables, contextValue: contextFor(graph, actor) };
      const results = await subscribe(args, () => () => undefined);
      if (!(Symbol.asyncIterator in results)) return yield shown(results);
      for await (const result of results) yield shown(result);
    },
  };
}

/** Statements that `work` sends to Postgres, in order; for showing that a list costs no statement for each of its entries. */
export async function sqlOf(database: Database, work: () => Promise<unknown>): Promise<string[]> {
  const { source } = database;
  const before = source.logger;
  const statements: string[] = [];
  const ignore = () => undefined;
  source.logger = {
    logQuery: (sql) => void statements.push(sql),
    logQueryError: ignore,
    logQuerySlow: ignore,
    logSchemaBuild: ignore,
    logMigration: ignore,
    log: ignore,
  };
  try {
    await work();
  } finally {
    source.logger = before;
  }
  return statements;
}

function contextFor(graph: Graph, actor: Actor | null): GraphContext {
  return createContext({
    actor,
    requestId: 'test-request',
    origin: 'http://slipway.test',
    address: '192.0.2.1',
    cookies: { set: () => undefined },
    instanceOf: graph.instanceOf,
  });
}

function shown(result: ExecutionResult | { errors: readonly GraphQLError[] }): Answer {
  return {
    data: 'data' in result ? (result.data as Record<string, unknown> | null) : undefined,
    errors: (result.errors ?? []).map((error) => formatError(error, silent, false)),
  };
}
