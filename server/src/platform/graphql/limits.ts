import { GraphQLError, getNullableType, isListType } from 'graphql';
import { type ComplexityEstimator, fieldExtensionsEstimator } from 'graphql-query-complexity';
import { MAX_PAGE_SIZE } from './connection.js';
import type { Shape } from './document-shape.js';

/**
 * Refused before execution, on both transports alike: the text before it is parsed, the shape before it is validated, as GraphQL's own rules take a
 * time that grows with its square. The page's largest operation stays below a third of each.
 */
export const LIMITS = {
  /** Of the document's text. */
  characters: 128 * 1024,
  /** Lexical tokens of the document. */
  tokens: 4_000,
  /** Sum of fields to resolve: a page counts `first` times what is in it, a list without pages `assumedListLength` times. */
  cost: 50_000,
  assumedListLength: 5,
};

export type ShapeLimits = Readonly<Shape>;

export const SHAPE_LIMITS: ShapeLimits = {
  definitions: 50,
  depth: 12,
  rootFields: 20,
  fields: 2_000,
  aliases: 30,
  repeated: 40,
  spreads: 100,
  directives: 50,
};

/** Who is not signed in can sign in and ask who they are; no more fits. */
export const STRANGERS_CHARACTERS = 2_000;
export const STRANGERS_SHAPE_LIMITS: ShapeLimits = { ...SHAPE_LIMITS, definitions: 5, rootFields: 2, fields: 40, aliases: 5, repeated: 5 };

type Wording = { code: string; says(is: number, most: number): string };

const WORDINGS: Record<keyof Shape, Wording> = {
  definitions: {
    code: 'too_many_definitions',
    says: (is, most) => `This document has ${is} operations and fragments; ${most} are allowed. Send only what the operation needs.`,
  },
  depth: {
    code: 'too_deep',
    says: (is, most) => `This operation is nested ${is} levels deep; ${most} are allowed. Ask for less at once, or use several operations.`,
  },
  rootFields: {
    code: 'too_many_root_fields',
    says: (is, most) => `This operation asks for ${is} root fields; ${most} are allowed. Use several operations.`,
  },
  fields: {
    code: 'too_many_fields',
    says: (_is, most) => `With its fragments expanded, this operation has more than ${most} fields. Use several operations.`,
  },
  aliases: {
    code: 'too_many_aliases',
    says: (is, most) => `This document has ${is} aliases; ${most} are allowed. Use several operations.`,
  },
  repeated: {
    code: 'too_many_repeated_fields',
    says: (is, most) => `This document repeats ${is} fields in the same place; ${most} are allowed. Name each field once.`,
  },
  spreads: {
    code: 'too_many_fragments',
    says: (is, most) => `This document spreads fragments ${is} times; ${most} are allowed. Use several operations.`,
  },
  directives: {
    code: 'too_many_directives',
    says: (is, most) => `This document has ${is} directives; ${most} are allowed. Leave out those that decide nothing.`,
  },
};

const refusal = (code: string, message: string) => new GraphQLError(message, { extensions: { code, kind: 'bad_input' } });

export function shapeErrors(shape: Shape, limits: ShapeLimits): GraphQLError[] {
  const exceeded = (Object.keys(WORDINGS) as (keyof Shape)[]).filter((name) => shape[name] > limits[name]);
  return exceeded.map((name) => refusal(WORDINGS[name].code, WORDINGS[name].says(shape[name], limits[name])));
}

export const tooLong = (characters: number) =>
  refusal(
    'too_long',
    `This document has ${characters} characters; ${LIMITS.characters} are allowed. Pass long values as variables, and use several operations.`,
  );

export const tooNested = () =>
  refusal('too_deep', 'A value in this document is nested too deep to read. Flatten it and pass it as a variable.');

const ROOT_TYPES = new Set(['Query', 'Mutation', 'Subscription']);
/** Each is a right to look up and at least one statement to the database. */
const ROOT_FIELD_COST = 100;

/** What a field costs: itself and what is in it, times the length of the list. Also where page sizes are checked, variables included. */
const costOfField: ComplexityEstimator = ({ args, childComplexity, field, type }) => {
  if (type.name.startsWith('__')) return costOfIntrospection(field.name, childComplexity);
  const own = ROOT_TYPES.has(type.name) && !field.name.startsWith('__') ? ROOT_FIELD_COST : 1;
  const { first } = args;
  if (typeof first === 'number') {
    if (first >= 1 && first <= MAX_PAGE_SIZE) return own + first * childComplexity;
    throw refusal(
      'bad_page_size',
      `${field.name}(first: ${first}) is refused: a page has 1 to ${MAX_PAGE_SIZE} entries. Ask for more with \`after\`.`,
    );
  }
  const listed = isListType(getNullableType(field.type)) && field.name !== 'edges';
  return own + childComplexity * (listed ? LIMITS.assumedListLength : 1);
};

/** Lists of the schema's description, as long as they are here on average; what is in them is at hand, and costs a fraction of a field of ours. */
const SCHEMA_LISTS: Record<string, number> = {
  types: 110,
  fields: 6,
  args: 1,
  inputFields: 4,
  enumValues: 4,
  possibleTypes: 2,
  directives: 5,
};
const SCHEMA_FIELD_COST = 0.2;

const costOfIntrospection = (name: string, childComplexity: number): number =>
  SCHEMA_FIELD_COST + childComplexity * (SCHEMA_LISTS[name] ?? 1);

/** Of pages for which a program is started: so many of them that one operation can't start hundreds. */
export const costOfGitPage: ComplexityEstimator = (options) => GIT_PAGE_COST + (costOfField(options) ?? 0);

const GIT_PAGE_COST = 1_000;

export const costEstimators: ComplexityEstimator[] = [fieldExtensionsEstimator(), costOfField];

export const tooCostly = (cost: number) =>
  refusal(
    'too_costly',
    `This operation would cost ${Math.ceil(cost)} of the ${LIMITS.cost} allowed. Ask for smaller pages, or for less of each entry.`,
  );
