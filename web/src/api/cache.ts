import { type FieldMergeFunction, InMemoryCache, type Reference } from '@apollo/client';
import type { KeyArgsFunction } from '@apollo/client/cache';

type Edge = { cursor: string; node: Reference };
type ReadField = (name: string, from: Reference) => unknown;
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

/** Commits have no id of their own, and are not kept by one. */
const identityOf = (edge: Edge, readField: ReadField) => edge.node.__ref ?? readField('sha', edge.node);

/**
 * Any order, and entries that may leave the list. The first page, read again, stands for its part of it: what it no
 * longer has is gone, and what was loaded after its last entry stays.
 */
const mergeOrderedPages: FieldMergeFunction<Connection> = (existing, incoming, { args, readField }) => {
  if (!existing) return incoming;
  const known = new Set(incoming.edges.map((edge) => identityOf(edge, readField)));
  const isNew = (edge: Edge) => !known.has(identityOf(edge, readField));
  if (args?.after) return { ...incoming, edges: [...existing.edges.filter(isNew), ...incoming.edges] };
  const last = incoming.edges.at(-1);
  const at =
    last && incoming.pageInfo?.hasNextPage
      ? existing.edges.findIndex((edge) => identityOf(edge, readField) === identityOf(last, readField))
      : -1;
  const rest = at < 0 ? [] : existing.edges.slice(at + 1).filter(isNew);
  return rest.length > 0 ? { ...incoming, edges: [...incoming.edges, ...rest], pageInfo: existing.pageInfo } : incoming;
};

/** Pages of files are numbered, not chained. */
const mergeFilePages: FieldMergeFunction<{ files: object[] }> = (existing, incoming, { args }) =>
  args?.skip && existing ? { ...incoming, files: [...existing.files.slice(0, args.skip as number), ...incoming.files] } : incoming;

/** A plain list read page by page: what is read `after` an entry goes behind it. */
const appendAfter: FieldMergeFunction<Reference[]> = (existing, incoming, { args }) => {
  if (!args?.after || !existing) return incoming;
  const known = new Set(existing.map((each) => each.__ref));
  return [...existing, ...incoming.filter((each) => !known.has(each.__ref))];
};

/** One list for each value of these arguments; one left out and one that is null or empty are the same. */
const listKey =
  (...names: string[]): KeyArgsFunction =>
  (args) =>
    JSON.stringify(names.map((name) => args?.[name] || null));

/** Everything with an id is kept once, so that a subscription's payload updates it wherever it is shown. */
export function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      Project: {
        fields: {
          runs: { keyArgs: listKey('branch', 'state'), merge: mergePages },
          environments: { merge: replace },
          repositories: { merge: replace },
          secrets: { merge: replace },
        },
      },
      Repository: {
        fields: {
          branches: { keyArgs: listKey('order', 'search'), merge: mergeOrderedPages },
          commits: { keyArgs: listKey('ref', 'query'), merge: mergeOrderedPages },
          pushes: { keyArgs: listKey('ref', 'newSha'), merge: mergePages },
          pullRequests: { keyArgs: listKey('state'), merge: mergeOrderedPages },
          connection: { merge: true },
        },
      },
      Comparison: {
        keyFields: false,
        merge: true,
        fields: { commits: { keyArgs: false, merge: mergeOrderedPages }, files: { keyArgs: false, merge: mergeFilePages } },
      },
      PullRequest: { fields: { runs: { merge: replace }, conflicts: { merge: replace } } },
      Run: {
        fields: { jobs: { merge: replace }, retriedJobs: { merge: replace }, problems: { merge: replace }, statusReport: { merge: true } },
      },
      Job: {
        fields: {
          steps: { merge: replace },
          attempts: { merge: replace },
          failedTests: { keyArgs: false, merge: appendAfter },
          tests: { merge: true },
        },
      },
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
          projects: { keyArgs: false, merge: mergeOrderedPages },
          webhookDeliveries: { keyArgs: ['repositoryId'], merge: mergePages },
          deadLetters: { keyArgs: false, merge: mergeOrderedPages },
          releases: { keyArgs: ['project', 'first'], merge: replace },
          agents: { merge: replace },
          branchRules: { merge: replace },
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
