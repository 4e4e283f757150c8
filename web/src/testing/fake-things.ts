import { createHash } from 'node:crypto';

/* Plain data in the shape of the schema; fields with arguments are functions. */
// biome-ignore lint/suspicious/noExplicitAny: the schema checks what leaves here; the fake keeps its things untyped
export type Thing = Record<string, any>;

export const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
export const connection = (nodes: Thing[], { first = 20, after }: { first?: number; after?: string | null } = {}) => {
  const from = after ? nodes.findIndex((node) => node.id === after) + 1 : 0;
  const page = nodes.slice(from, from + first);
  return {
    edges: page.map((node) => ({ cursor: node.id, node })),
    pageInfo: { hasNextPage: from + first < nodes.length, endCursor: page.at(-1)?.id ?? null },
  };
};

/** Another one for each seed, always the same for the same. */
export const sha = (seed: number) => createHash('sha1').update(`commit ${seed}`).digest('hex');
