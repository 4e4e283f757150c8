import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { getComplexity } from 'graphql-query-complexity';
import { LRUCache } from 'lru-cache';
import { DomainError } from '../errors.js';
import type { Actor } from '../http/context.js';
import { checkJson } from '../http/json-input.js';
import { rootFieldsOf, shapeOf } from './document-shape.js';
import {
  costEstimators,
  LIMITS,
  SHAPE_LIMITS,
  STRANGERS_CHARACTERS,
  STRANGERS_SHAPE_LIMITS,
  shapeErrors,
  tooCostly,
  tooLong,
  tooNested,
} from './limits.js';

export type Operation = {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
};
export type Prepared = { document: DocumentNode; operation: OperationDefinitionNode } | { errors: readonly GraphQLError[] };

/** Of documents kept; parsed they take some fifty times as much memory. */
const KEPT_CHARACTERS = 512 * 1024;
const MAX_ERRORS = 10;
const INTROSPECTION = ['__schema', '__type'];

/**
 * Reads operations for both transports: cheapest checks first, so that what is refused costs next to nothing, and each text once as long as it is
 * asked again. Callers who are not signed in get no further than the root fields that have no rule.
 */
export class Preparation {
  private readonly known = new LRUCache<string, DocumentNode>({
    maxSize: KEPT_CHARACTERS,
    sizeCalculation: (_document, text) => text.length,
  });

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly development: boolean,
  ) {}

  prepare(operation: Operation, actor: Actor | null): Prepared {
    try {
      return this.read(operation, actor);
    } catch (error) {
      if (error instanceof Refused) return { errors: error.errors };
      // GraphQL reads values within values by recursion, and within the tokens allowed some nest deeper than the stack.
      if (error instanceof RangeError) return { errors: [tooNested()] };
      throw error;
    }
  }

  private read(operation: Operation, actor: Actor | null): Exclude<Prepared, { errors: unknown }> {
    const { query } = operation;
    if (!actor && query.length > STRANGERS_CHARACTERS) throw new Refused([signInFirst()]);
    const known = this.known.get(query);
    const document = known ?? parsed(query);
    if (!actor) this.refuseStrangers(document);
    if (!known) {
      this.validate(document, actor);
      this.known.set(query, document);
    }
    const chosen = getOperationAST(document, operation.operationName);
    if (!chosen) throw new Refused([noSuchOperation(operation.operationName)]);
    refuseIf(variableErrors(operation.variables));
    // Before anything else reads them: code that does not stop after a few errors would create thousands.
    refuseIf(this.coercionErrors(chosen, operation.variables ?? {}), 'BAD_USER_INPUT');
    refuseIf(costErrors(this.schema, document, operation), 'BAD_USER_INPUT');
    return { document, operation: chosen };
  }

  private refuseStrangers(document: DocumentNode): void {
    const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    if (operations.some((operation) => this.needsActor(operation, document))) throw new Refused([signInFirst()]);
    refuseIf(shapeErrors(shapeOf(document), STRANGERS_SHAPE_LIMITS));
  }

  private needsActor(operation: OperationDefinitionNode, document: DocumentNode): boolean {
    const fields = this.schema.getRootType(operation.operation)?.getFields() ?? {};
    return [...rootFieldsOf(operation, document)].some((name) =>
      INTROSPECTION.includes(name) ? !this.development : fields[name]?.extensions.rule !== undefined,
    );
  }

  private coercionErrors(
    { variableDefinitions = [] }: OperationDefinitionNode,
    variables: Record<string, unknown>,
  ): readonly GraphQLError[] {
    return getVariableValues(this.schema, variableDefinitions, variables, { maxErrors: MAX_ERRORS }).errors ?? [];
  }

  private validate(document: DocumentNode, actor: Actor | null): void {
    if (actor) refuseIf(shapeErrors(shapeOf(document), SHAPE_LIMITS));
    const options = { maxErrors: MAX_ERRORS, hideSuggestions: !this.development };
    refuseIf(validate(this.schema, document, specifiedRules, options), 'GRAPHQL_VALIDATION_FAILED');
  }
}

/** Ends the reading of an operation. */
class Refused extends Error {
  constructor(readonly errors: readonly GraphQLError[]) {
    super('An operation was refused.');
  }
}

function refuseIf(errors: readonly GraphQLError[], code?: string): void {
  if (errors.length === 0) return;
  for (const error of errors) error.extensions.code ??= code;
  throw new Refused(errors);
}

function parsed(query: string): DocumentNode {
  if (query.length > LIMITS.characters) throw new Refused([tooLong(query.length)]);
  try {
    return parse(query, { maxTokens: LIMITS.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    error.extensions.code = 'GRAPHQL_PARSE_FAILED';
    throw new Refused([error]);
  }
}

function variableErrors(variables: Operation['variables']): GraphQLError[] {
  try {
    checkJson(variables ?? {});
    return [];
  } catch (error) {
    return [asGraphQLError(error)];
  }
}

/** What is wrong with an operation's cost and page sizes, given its variables; empty when it may run. */
function costErrors(schema: GraphQLSchema, document: DocumentNode, operation: Omit<Operation, 'query'>): GraphQLError[] {
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
    return [asGraphQLError(error)];
  }
}

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (error instanceof Error) return new GraphQLError(error.message, { originalError: error });
  throw error;
}

const noSuchOperation = (name: string | null | undefined) =>
  new GraphQLError(
    typeof name === 'string'
      ? `This document has no operation "${name}". Send the name of one that it has.`
      : 'This document has several operations. Say which one to run, with "operationName".',
    { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } },
  );

const signInFirst = () =>
  asGraphQLError(
    new DomainError(
      'unauthenticated',
      'unauthenticated',
      'This needs a signed-in user. Sign in on the page, or send a token as "Authorization: Bearer slp_…".',
    ),
  );
