import { type Listed, MERGED_AT, NUMBERS, OPENED_AT, pageOf } from '../../testing/fixture-set.js';

const aListedPull = (id: number, sha: string, isFork: boolean, merged = false) => {
  const source = isFork ? 'stranger/app' : 'acme/app';
  return {
    id,
    title: 'Say hello',
    author: { nickname: 'grace', display_name: 'Grace Hopper' },
    links: { html: { href: pageOf(id) } },
    state: merged ? 'MERGED' : 'OPEN',
    updated_on: merged ? MERGED_AT : OPENED_AT,
    source: {
      branch: { name: 'feature/größe' },
      commit: { hash: sha.slice(0, 12) },
      repository: { full_name: source, links: { html: { href: `https://bitbucket.test/${source}` } } },
    },
    destination: { branch: { name: 'main' }, commit: { hash: 'd'.repeat(12) }, repository: { full_name: 'acme/app' } },
  };
};

const LIST = '/2.0/repositories/acme/app/pullrequests';
const at = (page: number): string => `${LIST}?state=OPEN&pagelen=50&page=${page}`;

export const bitbucketListed: Listed = {
  pages: (sha) => [
    [at(1), { values: NUMBERS.map((number) => aListedPull(number, sha, false)), next: 'https://elsewhere.test/steals/credentials' }],
    [at(2), { values: [aListedPull(51, sha, true)] }],
    [`/2.0/repositories/acme/app/commit/${sha.slice(0, 12)}`, { hash: sha }],
    [`/2.0/repositories/stranger/app/commit/${sha.slice(0, 12)}`, { hash: sha }],
  ],
  afterMerge: (sha) => [
    [at(2), { values: [] }],
    [`${LIST}/51`, aListedPull(51, sha, true, true)],
  ],
  page: pageOf,
  changedAt: new Date(OPENED_AT),
  sourceUrl: 'https://bitbucket.test/stranger/app.git',
};
