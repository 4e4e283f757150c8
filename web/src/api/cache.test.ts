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
