import { type ApolloCache, isReference, type Reference } from '@apollo/client';

type Listed = { edges: { node: Reference }[] };

/** Takes a deleted branch out of every list of its repository, on whatever page of them it was. */
export function withoutBranch(cache: ApolloCache, repositoryId: string, name: string): void {
  cache.modify({
    id: cache.identify({ __typename: 'Repository', id: repositoryId }) ?? '',
    fields: {
      branches: (listed: Listed | Reference, { readField }) =>
        isReference(listed) ? listed : { ...listed, edges: listed.edges.filter((edge) => readField('name', edge.node) !== name) },
    },
  });
}
