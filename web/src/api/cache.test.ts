import { gql } from '@apollo/client';
import { describe, expect, it } from 'vitest';
import { createCache } from './cache.ts';

const RUNS = gql`query Runs($after: String) { project(name: "p") { id runs(first: 3, after: $after) { edges { cursor node { id state } } pageInfo { hasNextPage endCursor } } } }`;

const run = (id: number, state = 'succeeded') => ({ cursor: `${id}`, node: { __typename: 'Run', id: `${id}`, state } });
const page = (runs: ReturnType<typeof run>[], hasNextPage: boolean) => ({
  project: {
    __typename: 'Project',
    id: 'p',
    runs: {
      __typename: 'RunConnection',
      edges: runs,
      pageInfo: { __typename: 'PageInfo', hasNextPage, endCursor: runs.at(-1)?.cursor ?? null },
    },
  },
});

type Answer = {
  project: { runs: { edges: { node: { id: string; state: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } };
};

function shown(cache: ReturnType<typeof createCache>) {
  const runs = (cache.readQuery({ query: RUNS }) as Answer).project.runs;
  return { ids: runs.edges.map((edge) => edge.node.id).join(), state: runs.edges[0]?.node.state, pageInfo: runs.pageInfo };
}

describe('the cache', () => {
  it('keeps the pages already loaded when the first page is patched with a new run', () => {
    const cache = createCache();
    cache.writeQuery({ query: RUNS, data: page([run(9), run(8), run(7)], true) });
    cache.writeQuery({ query: RUNS, variables: { after: '7' }, data: page([run(6), run(5)], false) });
    cache.writeQuery({ query: RUNS, data: page([run(10, 'running'), run(9), run(8)], true) });
    expect(shown(cache)).toMatchObject({ ids: '10,9,8,7,6,5', state: 'running', pageInfo: { hasNextPage: false, endCursor: '5' } });
  });

  it('starts anew when so much is new that the old pages no longer join', () => {
    const cache = createCache();
    cache.writeQuery({ query: RUNS, data: page([run(3), run(2), run(1)], true) });
    cache.writeQuery({ query: RUNS, data: page([run(30), run(29), run(28)], true) });
    expect(shown(cache).ids).toBe('30,29,28');
  });
});

const BRANCHES = gql`query Branches($after: String, $order: String) { repository { id branches(first: 3, after: $after, order: $order) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } } } }`;

const branches = (names: string, hasNextPage: boolean) => ({
  repository: {
    __typename: 'Repository',
    id: 'r',
    branches: {
      __typename: 'BranchConnection',
      edges: [...names].map((id) => ({ cursor: id, node: { __typename: 'Branch', id } })),
      pageInfo: { __typename: 'PageInfo', hasNextPage, endCursor: names.at(-1) ?? null },
    },
  },
});

const listed = (cache: ReturnType<typeof createCache>, variables: object = {}) =>
  (cache.readQuery({ query: BRANCHES, variables }) as ReturnType<typeof branches>).repository.branches.edges
    .map(({ node }) => node.id)
    .join('');

describe('a list in another order than by age', () => {
  it('lets the first page, read again, stand for its part, and keeps what was loaded after it', () => {
    const cache = createCache();
    cache.writeQuery({ query: BRANCHES, data: branches('ace', true) });
    cache.writeQuery({ query: BRANCHES, variables: { after: 'e' }, data: branches('gik', true) });
    // c was deleted, b and d are new: e has moved to the second page.
    cache.writeQuery({ query: BRANCHES, data: branches('abd', true) });
    expect(listed(cache)).toBe('abd');
    cache.writeQuery({ query: BRANCHES, data: branches('ace', true) });
    cache.writeQuery({ query: BRANCHES, variables: { after: 'e' }, data: branches('gik', true) });
    cache.writeQuery({ query: BRANCHES, data: branches('ade', true) });
    expect(listed(cache)).toBe('adegik');
  });

  it('has an own list for each order', () => {
    const cache = createCache();
    cache.writeQuery({ query: BRANCHES, variables: { order: 'name' }, data: branches('abc', false) });
    cache.writeQuery({ query: BRANCHES, variables: { order: 'updated' }, data: branches('cab', false) });
    expect([listed(cache, { order: 'name' }), listed(cache, { order: 'updated' })]).toEqual(['abc', 'cab']);
  });
});
