import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  GraphQLInt,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isScalarType,
} from 'graphql';
import { Choice } from './choice.js';
import { HOSTILE_NUMBERS, HOSTILE_TEXTS } from './texts.js';

export type HostileOperation = {
  /** Of the field whose arguments are hostile, e.g. `Query.project`. */
  field: string;
  kind: 'query' | 'mutation' | 'subscription';
  query: string;
  variables: Record<string, unknown>;
};

export type Known = {
  /** Of all kinds of things; each is tried everywhere. */
  ids: readonly string[];
  /** Arguments that lead to something there is, by name, or by `field.name` where a name means several things. */
  good: Readonly<Record<string, unknown>>;
};

type Step = { parent: GraphQLObjectType; field: GraphQLField<unknown, unknown> };

/**
 * Operations for each field of the schema that has arguments: some of its arguments are as they should be, the others as nobody should send
 * them. Fields within others are asked on the shortest way to them. The same seed makes the same operations.
 */
export function* hostileOperations(schema: GraphQLSchema, known: Known, seed: number, each: number): Generator<HostileOperation> {
  const values = new Values(known, seed);
  for (const way of waysToFields(schema)) {
    const target = way.at(-1);
    const valueFor = (arg: GraphQLArgument, step: Step) =>
      step === target ? values.hostile(arg, step.field.name) : values.good(arg, step.field.name);
    for (let n = 0; n < each; n++) yield operationOf(schema, way, valueFor);
  }
}

/** An operation for each field that has arguments, with the good values of what is known. */
export function properOperations(schema: GraphQLSchema, known: Known): HostileOperation[] {
  const values = new Values(known, 1);
  return waysToFields(schema).map((way) => operationOf(schema, way, (arg, { field }) => values.good(arg, field.name)));
}

/** The shortest way to each field with arguments, from a root. */
function waysToFields(schema: GraphQLSchema): Step[][] {
  const ways: Step[][] = [];
  const open = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((parent) =>
    parent ? [{ parent, way: [] as Step[] }] : [],
  );
  const seen = new Set(open.map(({ parent }) => parent));
  for (let next = open.shift(); next; next = open.shift()) {
    for (const field of Object.values(next.parent.getFields())) {
      const way = [...next.way, { parent: next.parent, field }];
      if (field.args.length > 0) ways.push(way);
      const type = getNamedType(field.type);
      // What a mutation or subscription answers is asked for by a query.
      if (!isObjectType(type) || seen.has(type) || isWriting(schema, way)) continue;
      seen.add(type);
      open.push({ parent: type, way });
    }
  }
  return ways;
}

const isWriting = (schema: GraphQLSchema, way: readonly Step[]): boolean => way[0]?.parent !== schema.getQueryType();

function operationOf(
  schema: GraphQLSchema,
  way: readonly Step[],
  valueFor: (arg: GraphQLArgument, step: Step) => unknown,
): HostileOperation {
  const target = way.at(-1) as Step;
  const variables: Record<string, unknown> = {};
  const declared: string[] = [];
  let [before, after] = ['', ''];
  for (const [depth, step] of way.entries()) {
    const call = step.field.args.flatMap((arg) => {
      const value = valueFor(arg, step);
      if (value === undefined) return [];
      const name = `v${depth}_${arg.name}`;
      variables[name] = value;
      declared.push(`$${name}: ${arg.type}`);
      return [`${arg.name}: $${name}`];
    });
    before += `${before ? ' { ' : ''}${step.field.name}${call.length > 0 ? `(${call.join(', ')})` : ''}`;
    if (depth > 0) after += ' }';
  }
  const leaf = isObjectType(getNamedType(target.field.type)) ? ` { ${leavesOf(target.field)} }` : '';
  const root = way[0]?.parent;
  const kind = root === schema.getMutationType() ? 'mutation' : root === schema.getSubscriptionType() ? 'subscription' : 'query';
  const head = declared.length > 0 ? `${kind} (${declared.join(', ')})` : kind;
  return { field: `${target.parent.name}.${target.field.name}`, kind, query: `${head} { ${before}${leaf}${after} }`, variables };
}

/** What an answer holds without a further question; of a page, what its entries hold. */
function leavesOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type) as GraphQLObjectType;
  const plain = Object.values(type.getFields()).filter(({ type: of, args }) => !isObjectType(getNamedType(of)) && args.length === 0);
  const edges = type.getFields().edges;
  const node = edges && (getNamedType(edges.type) as GraphQLObjectType).getFields().node;
  return ['__typename', ...plain.map(({ name }) => name), ...(node ? [`edges { cursor node { ${leavesOf(node)} } }`] : [])].join(' ');
}

class Values {
  private readonly choice: Choice;
  private readonly texts: readonly string[];

  constructor(
    private readonly known: Known,
    seed: number,
  ) {
    this.choice = new Choice(seed);
    this.texts = [...HOSTILE_TEXTS, ...known.ids, ...known.ids];
  }

  /** undefined: it is left out. */
  good(arg: GraphQLArgument, field: string): unknown {
    const { good } = this.known;
    const value = good[`${field}.${arg.name}`] ?? good[arg.name];
    if (value === undefined && isRequiredArgument(arg)) return this.value(arg.type, arg.name);
    return value;
  }

  hostile(arg: GraphQLArgument, field: string): unknown {
    if (!isRequiredArgument(arg) && this.choice.below(4) === 0) return undefined;
    const good = this.good(arg, field);
    return good !== undefined && this.choice.below(2) === 0 ? good : this.value(arg.type, arg.name);
  }

  private value(type: GraphQLInputType, name: string): unknown {
    if (isNonNullType(type)) return this.choice.below(60) === 0 ? null : this.value(type.ofType, name);
    if (this.choice.below(12) === 0) return null;
    if (isListType(type)) return Array.from({ length: this.choice.of([0, 1, 2, 2, 300]) }, () => this.value(type.ofType, name));
    if (isInputObjectType(type)) return this.object(Object.values(type.getFields()));
    if (isEnumType(type)) return this.choice.below(10) === 0 ? this.choice.of(this.texts) : this.choice.of(type.getValues()).name;
    if (isScalarType(type) && (type === GraphQLInt || type.name === 'Float')) return this.choice.of(HOSTILE_NUMBERS);
    if (isScalarType(type) && type.name === 'Boolean') return this.choice.below(10) === 0 ? 'true' : this.choice.below(2) === 0;
    const good = this.known.good[name];
    return good !== undefined && this.choice.below(4) === 0 ? good : this.choice.of(this.texts);
  }

  private object(fields: readonly GraphQLInputField[]): Record<string, unknown> {
    const entries = fields.flatMap((field) => (this.choice.below(5) === 0 ? [] : [[field.name, this.value(field.type, field.name)]]));
    return Object.fromEntries(entries) as Record<string, unknown>;
  }
}
