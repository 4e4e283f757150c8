import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { type AuthCheckerFn, buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import type { ResolverClass } from '../http/context.js';
import { DateTime } from './scalars.js';

export type Graph = { schema: GraphQLSchema; instanceOf<T extends object>(resolverClass: ResolverClass<T>): T };

/**
 * The GraphQL schema of resolver classes and their instances. Authorisation is `authorise`'s alone. Throws when a class has no instance
 * or an instance's class is not among them, so that the printed schema and the served one can't differ.
 */
export function buildGraph<Context extends object, Rule extends object>(
  classes: readonly ResolverClass[],
  resolvers: object[],
  authorise: AuthCheckerFn<Context, Rule>,
): Graph {
  const instances = new Map<unknown, object>(resolvers.map((resolver) => [resolver.constructor, resolver]));
  const instanceOf = <T extends object>(resolverClass: ResolverClass<T>): T => {
    const instance = instances.get(resolverClass);
    if (instance) return instance as T;
    throw new Error(`No instance of ${resolverClass.name} was given to buildGraph.`);
  };
  for (const resolverClass of classes) instanceOf(resolverClass);
  const stranger = resolvers.find((resolver) => !classes.includes(resolver.constructor as ResolverClass));
  if (stranger) throw new Error(`${stranger.constructor.name} is not among the resolver classes.`);
  return { schema: buildGraphSchema(classes, authorise, instanceOf), instanceOf };
}

/** The schema of classes alone: instances are asked for when a field is resolved, so it can be printed without any. */
export function buildGraphSchema<Context extends object, Rule extends object>(
  classes: readonly ResolverClass[],
  authorise: AuthCheckerFn<Context, Rule>,
  instanceOf: (resolverClass: ResolverClass) => object,
): GraphQLSchema {
  return buildSchemaSync({
    resolvers: classes as unknown as NonEmptyArray<TypeGraphqlClass>,
    container: { get: (resolverClass) => instanceOf(resolverClass as unknown as ResolverClass) },
    authChecker: authorise as AuthCheckerFn<object, object>,
    pubSub: NO_PUBSUB,
    scalarsMap: [{ type: Date, scalar: DateTime }],
    // Use cases and queries check what they are given; there are no validation decorators.
    validate: false,
    emitSchemaFile: false,
  });
}

// biome-ignore lint/complexity/noBannedTypes: type-graphql names resolver classes by this type.
type TypeGraphqlClass = Function;

/** Subscriptions here bring iterators of their own; type-graphql asks for a bus all the same. */
const NO_PUBSUB = {
  publish(): never {
    throw new Error('Subscriptions are fed by LiveReads, not by a pubSub.');
  },
  subscribe(): never {
    throw new Error('Subscriptions are fed by LiveReads, not by a pubSub.');
  },
};
