import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql';
import { getComplexity } from 'graphql-query-complexity';
import { costEstimators, LIMITS, limitRules, tooCostly } from './limits.js';

export type Operation = {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
};

/** What is wrong with an operation's cost and page sizes, given its variables; empty when it may run. */
export function costErrors(schema: GraphQLSchema, document: DocumentNode, operation: Omit<Operation, 'query'>): GraphQLError[] {
  try {
    const cost = getComplexity({
      schema,
      query: document,
      estimators: costEstimators,
      variables: operation.variables ?? {},
      ...(operation.operationName ? { operationName: operation.operationName } : {}),
    });
    return cost <= LIMITS.cost ? [] : [tooCostly(cost)];
  } catch (error) {
    return [
      error instanceof GraphQLError
        ? error
        : new GraphQLError('The cost of this operation could not be measured.', { originalError: error as Error }),
    ];
  }
}

/** For web sockets what Apollo does for HTTP: parse, validate and measure, under the same limits. */
export function prepare(
  schema: GraphQLSchema,
  operation: Operation,
  development: boolean,
): { document: DocumentNode } | { errors: readonly GraphQLError[] } {
  let document: DocumentNode;
  try {
    document = parse(operation.query, { maxTokens: LIMITS.tokens });
  } catch (error) {
    return { errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
  }
  const invalid = validate(schema, document, [...specifiedRules, ...limitRules(development)]);
  if (invalid.length > 0) return { errors: invalid.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };
  const costly = costErrors(schema, document, operation);
  return costly.length > 0 ? { errors: costly.map((error) => withCode(error, 'BAD_USER_INPUT')) } : { document };
}

function withCode(error: unknown, code: string): GraphQLError {
  if (!(error instanceof GraphQLError)) throw error;
  error.extensions.code ??= code;
  return error;
}
