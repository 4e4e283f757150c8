import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  getNullableType,
  isListType,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { type ComplexityEstimator, fieldExtensionsEstimator } from 'graphql-query-complexity';
import { MAX_PAGE_SIZE } from './connection.js';

/** Refused before execution, on both transports alike. The page's largest operation stays below a third of each. */
export const LIMITS = {
  /** Nested selections; introspection is not counted. */
  depth: 12,
  /** Aliased fields in the whole document. */
  aliases: 30,
  /** Lexical tokens of the document. */
  tokens: 4_000,
  /** Sum of fields to resolve: a page counts `first` times what is in it, a list without pages `assumedListLength` times. */
  cost: 50_000,
  assumedListLength: 5,
};

const refusal = (code: string, message: string) => new GraphQLError(message, { extensions: { code, kind: 'bad_input' } });

/** Beside GraphQL's own rules. Introspection and suggestions are for development alone. */
export function limitRules(development: boolean): ValidationRule[] {
  return development ? [depthRule, aliasRule] : [depthRule, aliasRule, NoSchemaIntrospectionCustomRule];
}

function depthRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: (operation) => {
      const depth = depthOf(operation.selectionSet, context, new Map());
      if (depth <= LIMITS.depth) return;
      context.reportError(
        refusal(
          'too_deep',
          `This operation nests ${depth} levels deep; ${LIMITS.depth} are allowed. Ask for less at once, or in several operations.`,
        ),
      );
    },
  };
}

/** Fragments are measured once each, so that a chain of them that doubles at every step costs no more than its text; circles end at their first repetition (another rule refuses them). */
function depthOf(selections: SelectionSetNode, context: ValidationContext, measured: Map<string, number>): number {
  let deepest = 0;
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) {
      if (!selection.selectionSet || selection.name.value.startsWith('__')) deepest = Math.max(deepest, 1);
      else deepest = Math.max(deepest, 1 + depthOf(selection.selectionSet, context, measured));
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      deepest = Math.max(deepest, depthOf(selection.selectionSet, context, measured));
    } else {
      deepest = Math.max(deepest, fragmentDepth(context.getFragment(selection.name.value), context, measured));
    }
  }
  return deepest;
}

function fragmentDepth(
  fragment: FragmentDefinitionNode | null | undefined,
  context: ValidationContext,
  measured: Map<string, number>,
): number {
  if (!fragment) return 0;
  const known = measured.get(fragment.name.value);
  if (known !== undefined) return known;
  measured.set(fragment.name.value, 0);
  const depth = depthOf(fragment.selectionSet, context, measured);
  measured.set(fragment.name.value, depth);
  return depth;
}

function aliasRule(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  return {
    Field: (field) => {
      if (!field.alias) return;
      aliases++;
      if (aliases === LIMITS.aliases + 1) {
        context.reportError(
          refusal('too_many_aliases', `This document renames more than ${LIMITS.aliases} fields. Ask in several operations.`),
        );
      }
    },
  };
}

/** What a field costs: itself and what is in it, times the length of the list. Also where page sizes are checked, variables included. */
const costOfField: ComplexityEstimator = ({ args, childComplexity, field }) => {
  const { first } = args;
  if (typeof first === 'number') {
    if (first >= 1 && first <= MAX_PAGE_SIZE) return 1 + first * childComplexity;
    throw refusal(
      'bad_page_size',
      `${field.name}(first: ${first}) is refused: a page has 1 to ${MAX_PAGE_SIZE} entries. Ask for more with \`after\`.`,
    );
  }
  const listed = isListType(getNullableType(field.type)) && field.name !== 'edges';
  return 1 + childComplexity * (listed ? LIMITS.assumedListLength : 1);
};

/** Of pages for which a program is started: so many of them that one operation can't start hundreds. */
export const costOfGitPage: ComplexityEstimator = (options) => GIT_PAGE_COST + (costOfField(options) ?? 0);

const GIT_PAGE_COST = 1_000;

export const costEstimators: ComplexityEstimator[] = [fieldExtensionsEstimator(), costOfField];

export const tooCostly = (cost: number) =>
  refusal(
    'too_costly',
    `This operation would cost ${cost} of the ${LIMITS.cost} allowed. Ask for smaller pages, or for less of each entry.`,
  );
