import { type GraphQLObjectType, isEnumType } from 'graphql';
import { expect, it } from 'vitest';
import { buildGraphSchema } from '../platform/graphql/build-schema.js';
import { RESOLVER_CLASSES } from './resolver-classes.js';

const never = (): never => {
  throw new Error('No field is resolved here.');
};
const schema = buildGraphSchema(RESOLVER_CLASSES, never, never);
/** Who is not signed in yet must be able to ask these. */
const OPEN = ['Query.viewer', 'Mutation.signIn', 'Mutation.signOut'];

function rootFields() {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter((root) => root != null);
  return roots.flatMap((root: GraphQLObjectType) =>
    Object.values(root.getFields()).map((field) => ({ name: `${root.name}.${field.name}`, field })),
  );
}

it('guards every root field with a rule, but for those that sign in', () => {
  const open = rootFields().filter(({ field }) => field.extensions.rule === undefined);
  expect(open.map(({ name }) => name).sort()).toEqual([...OPEN].sort());
});

it('names in each rule an argument that the field has', () => {
  for (const { name, field } of rootFields()) {
    const rule = field.extensions.rule as { targets: Record<string, string> } | undefined;
    for (const path of Object.values(rule?.targets ?? {})) {
      const [argument = ''] = path.replace('?', '').split('.');
      expect(
        field.args.map((arg) => arg.name),
        `${name} is guarded by its argument "${path}"`,
      ).toContain(argument);
    }
  }
});

it('describes every type and field', () => {
  const silent: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || ['String', 'Int', 'Float', 'Boolean', 'ID', 'Query', 'Mutation', 'Subscription'].includes(type.name))
      continue;
    if (!type.description) silent.push(type.name);
    if ('getFields' in type)
      for (const field of Object.values(type.getFields())) if (!field.description) silent.push(`${type.name}.${field.name}`);
  }
  for (const { name, field } of rootFields()) if (!field.description) silent.push(name);
  expect(silent).toEqual([]);
});

it('names the values of enums as other GraphQL APIs do', () => {
  const values = Object.values(schema.getTypeMap()).flatMap((type) =>
    isEnumType(type) && !type.name.startsWith('__') ? type.getValues() : [],
  );
  expect(values.length).toBeGreaterThan(50);
  expect(values.map(({ name }) => name).filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name))).toEqual([]);
});
