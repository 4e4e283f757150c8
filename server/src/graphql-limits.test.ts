import { type GraphQLField, type GraphQLObjectType, getIntrospectionQuery, getNamedType, isObjectType, isRequiredArgument } from 'graphql';
import { describe, expect, it } from 'vitest';
import { RESOLVER_CLASSES } from './compose/resolver-classes.js';
import { buildGraphSchema } from './platform/graphql/build-schema.js';
import { SHAPE_LIMITS } from './platform/graphql/limits.js';
import { Preparation } from './platform/graphql/prepare.js';

const never = (): never => {
  throw new Error('No field is resolved here.');
};
const schema = buildGraphSchema(RESOLVER_CLASSES, never, never);
const somebody = { userId: 'u', isAdmin: true };

type Answer = { codes: unknown[]; ms: number };

/** Anew each time, so that nothing is known from before. In processor time: others may have the machine. */
function prepare(query: string, variables: Record<string, unknown> = {}, actor: typeof somebody | null = somebody): Answer {
  const preparation = new Preparation(schema, false);
  const start = process.cpuUsage();
  const prepared = preparation.prepare({ query, variables }, actor);
  const ms = process.cpuUsage(start).user / 1_000;
  return { codes: 'errors' in prepared ? prepared.errors.map((error) => error.extensions.code) : [], ms };
}

/** The quickest of some: what is measured is the work, not what else the machine does. */
function leastMs(query: string, variables: Record<string, unknown> = {}): number {
  return Math.min(...Array.from({ length: 4 }, () => prepare(query, variables).ms));
}

const many = (count: number, each: (n: number) => string) => Array.from({ length: count }, (_, n) => each(n)).join(' ');
const doubling = (steps: number) => many(steps, (n) => `fragment f${n} on User { ...f${n + 1} ... { ...f${n + 1} } }`);

const ATTACKS: Record<string, string> = {
  'the same field 990 times': `{ ${'viewer { id } '.repeat(990)} }`,
  'a leaf 3,900 times': `{ viewer { ${'id '.repeat(3_900)} } }`,
  '100,000 tokens': `{ ${'a '.repeat(100_000)} }`,
  '1,000 aliases': `{ ${many(790, (n) => `a${n}: viewer { id }`)} }`,
  'names of the schema, each almost right': `{ ${many(1_500, (n) => `projektz${n}`)} }`,
  'depth of 1,900': `${'{ viewer '.repeat(1_900)} { id } ${'}'.repeat(1_900)}`,
  'an argument of 1,900 lists': `{ project(name: ${'['.repeat(1_900)}${']'.repeat(1_900)}) { id } }`,
  'an argument 900 times': `{ project(${'name: "a" '.repeat(900)}) { id } }`,
  'fields with 500 arguments beside each other': `{ ${`project(${many(500, (n) => `n${n}: 1`)}) { id } `.repeat(2)} }`,
  'a circle of fragments': `{ viewer { ...a } } fragment a on User { ...b } fragment b on User { ...a }`,
  'fragments that double': `{ viewer { ...f0 } } ${doubling(40)} fragment f40 on User { id }`,
  '600 fragments': `{ viewer { ${many(300, (n) => `...f${n}`)} } } ${many(300, (n) => `fragment f${n} on User { id }`)}`,
  'directives without end': `{ viewer ${'@include(if: true) '.repeat(600)} { id } }`,
  '10,000 directives': `{ viewer ${'@skip(if: false) '.repeat(10_000)} { id } }`,
  'unknown directives': `{ viewer ${'@a '.repeat(1_900)} { id } }`,
  'operations without end': many(900, (n) => `query q${n} { x }`),
  'variables without end': `query (${many(900, (n) => `$v${n}: Int`)}) { viewer { id } }`,
  'comments without end': `{ viewer { id } ${'#\n'.repeat(60_000)} }`,
  'a text of 120 KB': `{ project(name: "${'x'.repeat(120_000)}") { id } }`,
  'a block text of 40,000 lines': `{ project(name: """${'\n x'.repeat(40_000)}""") { id } }`,
  'a name of 120 KB': `{ ${'x'.repeat(120_000)} }`,
  'a megabyte': `{ viewer { id } } #${'x'.repeat(1_000_000)}`,
  'the schema through itself': `{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
};
const ALLOWED = ['a text of 120 KB', 'comments without end', 'a block text of 40,000 lines'];

describe('an operation that costs more than it may is refused at once', () => {
  it.each(Object.keys(ATTACKS))('%s', (name) => {
    const query = ATTACKS[name] as string;
    if (!ALLOWED.includes(name)) expect(prepare(query).codes).not.toEqual([]);
    const ms = leastMs(query);
    expect(ms).toBeLessThan(30);
    expect(prepare(query, {}, null).codes).not.toEqual([]);
  });
});

it.each<[string, unknown]>([
  ['objects with other keys', Array.from({ length: 5_000 }, () => ({ a: 'y'.repeat(150) }))],
  ['no objects', Array(19_000).fill(1)],
  ['one object with keys without end', [Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`key${n}${'x'.repeat(60)}`, 1]))]],
])('variables that are wrong in thousands of places are refused as quickly (%s)', (_what, given) => {
  const query = 'mutation ($given: [VariableInput!]) { updateEnvironment(id: "x", variables: $given) { id } }';
  expect(prepare(query, { given }).codes).toContain('BAD_USER_INPUT');
  expect(leastMs(query, { given })).toBeLessThan(200);
});

/** Documents by chance: plain ones, and as much as the limits of the shape allow of what is dear to compare. The same ones in each run. */
class Chance {
  private repeats = 0;
  private spreads = 0;
  private fields = 0;
  private types: string[] = [];
  private isPlain = false;

  constructor(private seed: number) {}

  document(): string {
    this.isPlain = this.below(4) === 0;
    this.repeats = this.below(SHAPE_LIMITS.repeated);
    this.spreads = this.below(SHAPE_LIMITS.spreads);
    this.fields = this.isPlain ? this.below(30) : 100 + this.below(1_000);
    this.types = Array.from({ length: this.isPlain ? 0 : this.below(SHAPE_LIMITS.definitions) }, () => this.of(TYPES));
    const operation = `{ viewer { ${this.selections('User', 3, 3)} } project(name: "a") { ${this.selections('Project', 5, 20)} } }`;
    return [operation, ...this.types.map((type, n) => `fragment f${n} on ${type} { ${this.selections(type, 2, 20)} }`)].join('\n');
  }

  private selections(type: string, depth: number, most: number): string {
    const fields = Object.values((schema.getType(type) as GraphQLObjectType).getFields());
    const chosen = ['__typename'];
    for (const field of fields) {
      for (let times = this.times(most / fields.length); times > 0; times--) chosen.push(this.field(field, depth));
    }
    const spreadable = this.types.flatMap((each, n) => (each === type ? [n] : []));
    while (spreadable.length > 0 && this.spreads > 0 && this.below(3) > 0) {
      this.spreads--;
      chosen.push(`...f${this.of(spreadable)}`);
    }
    return chosen.join(' ');
  }

  private times(likely: number): number {
    if (this.fields <= 0 || this.below(100) >= likely * 100) return 0;
    this.fields--;
    if (this.repeats <= 0 || this.below(10) > 0) return 1;
    const repeats = this.below(Math.min(10, this.repeats)) + 1;
    this.repeats -= repeats;
    return 1 + repeats;
  }

  private field(field: GraphQLField<unknown, unknown>, depth: number): string {
    // Any text is no value of most types, so that a document with one is refused.
    if (this.isPlain && field.args.some(isRequiredArgument)) return '__typename';
    const given = field.args.filter(isRequiredArgument).map((arg) => `${arg.name}: "x"`);
    const called = given.length > 0 ? `${field.name}(${given.join(' ')})` : field.name;
    const type = getNamedType(field.type);
    if (!isObjectType(type)) return called;
    return depth > 0 ? `${called} { ${this.selections(type.name, depth - 1, 10)} }` : '';
  }

  private below(most: number): number {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.seed / 2 ** 32) * most);
  }

  private of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const TYPES = ['Run', 'Job', 'Project', 'Environment', 'Deployment', 'Repository', 'User'];
const DOCUMENTS = 60;

it('reads no document by chance for longer, and takes some of them', () => {
  const chance = new Chance(20_261_129);
  const read = Array.from({ length: DOCUMENTS }, () => {
    const document = chance.document();
    return { document, ...prepare(document) };
  });
  expect(read.some(({ codes }) => codes.length === 0)).toBe(true);
  expect(read.some(({ codes }) => codes.length > 0)).toBe(true);
  const slowest = read.reduce((a, b) => (a.ms > b.ms ? a : b));
  expect(leastMs(slowest.document), slowest.document).toBeLessThan(50);
});

it('lets tools read the schema', () => {
  expect(prepare(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, schemaDescription: true })).codes).toEqual([]);
});
