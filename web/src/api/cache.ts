import { type FieldMergeFunction, InMemoryCache, type Reference } from '@apollo/client';
import type { KeyArgsFunction } from '@apollo/client/cache';

type Edge = { cursor: string; node: Reference };
type Connection = { edges: Edge[]; pageInfo?: { hasNextPage: boolean; endCursor: string | null } };

/**
 * Newest first. A page read with `after` goes to the end; the first page, read again or patched by a subscription, goes
 * to the front and replaces what it repeats, so that pages already loaded stay.
 */
const mergePages: FieldMergeFunction<Connection> = (existing, incoming, { args }) => {
  if (!existing) return incoming;
  const known = new Set(incoming.edges.map((edge) => edge.node.__ref));
  const rest = existing.edges.filter((edge) => !known.has(edge.node.__ref));
  if (args?.after) return { ...incoming, edges: [...rest, ...incoming.edges] };
  // Nothing left to overlap with: the first page has moved on by more than its length, the old pages no longer join it.
  if (rest.length === existing.edges.length && incoming.pageInfo?.hasNextPage) return incoming;
  return { ...incoming, edges: [...incoming.edges, ...rest], pageInfo: rest.length > 0 ? existing.pageInfo : incoming.pageInfo };
};

/** One list a filter; a filter left out and one that is null are the same. */
const runsKey: KeyArgsFunction = (args) => JSON.stringify([args?.branch ?? null, args?.state ?? null]);

/** Everything with an id is kept once, so that a subscription's payload updates it wherever it is shown. */
export function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      Project: {
        fields: {
          runs: { keyArgs: runsKey, merge: mergePages },
          environments: { merge: replace },
          repositories: { merge: replace },
          secrets: { merge: replace },
        },
      },
      Repository: { fields: { branches: { keyArgs: false, merge: replace }, connection: { merge: true } } },
      Run: { fields: { jobs: { merge: replace }, problems: { merge: replace } } },
      Job: { fields: { steps: { merge: replace }, attempts: { merge: replace }, failedTests: { merge: replace }, tests: { merge: true } } },
      Environment: {
        fields: {
          deployments: { keyArgs: false, merge: mergePages },
          instances: { merge: replace },
          variables: { merge: replace },
          secrets: { merge: replace },
          limits: { merge: true },
        },
      },
      Deployment: { fields: { events: { merge: replace }, receipt: { merge: true } } },
      Commit: { keyFields: false, merge: true },
      Query: {
        fields: {
          projects: { keyArgs: false, merge: replace },
          webhookDeliveries: { keyArgs: ['repositoryId'], merge: mergePages },
          releases: { keyArgs: ['project'], merge: replace },
          agents: { merge: replace },
          myTokens: { merge: replace },
          queue: { merge: true },
        },
      },
    },
  });
}

function replace<T>(_existing: T, incoming: T): T {
  return incoming;
}
