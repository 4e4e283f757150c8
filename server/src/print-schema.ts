import 'reflect-metadata';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { RESOLVER_CLASSES } from './compose/resolver-classes.js';
import { buildGraphSchema } from './platform/graphql/build-schema.js';

/** Prints the GraphQL schema, sorted, for schema.graphql. Needs nothing that runs: no resolver is made. */
const neverAsked = (): never => {
  throw new Error('Printing the schema resolves no field.');
};

process.stdout.write(`${printSchema(lexicographicSortSchema(buildGraphSchema(RESOLVER_CLASSES, neverAsked, neverAsked)))}\n`);
