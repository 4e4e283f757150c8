import { type Listed, MERGED_AT, NUMBERS, OPENED_AT, pageOf } from '../../testing/fixture-set.js';

const aListedPull = (id: number, sha: string, isFork: boolean, merged = false) => ({
  id,
  title: 'Say hello',
  author: { user: { name: 'grace' } },
  links: { self: [{ href: pageOf(id) }] },
  state: merged ? 'MERGED' : 'OPEN',
  updatedDate: Date.parse(merged ? MERGED_AT : OPENED_AT),
  fromRef: {
    id: 'refs/heads/feature/größe',
    displayId: 'feature/größe',
    latestCommit: sha,
    repository: { id: isFork ? 22 : 11, slug: 'app', project: { key: isFork ? 'stranger' : 'acme' } },
  },
  toRef: { id: 'refs/heads/main', displayId: 'main', repository: { id: 11, slug: 'app', project: { key: 'acme' } } },
});

const LIST = '/rest/api/latest/projects/acme/repos/app/pull-requests';
const at = (start: number): string => `${LIST}?state=OPEN&limit=50&start=${start}`;

export const bitbucketServerListed: Listed = {
  pages: (sha) => [
    [at(0), { values: NUMBERS.map((number) => aListedPull(number, sha, false)), isLastPage: false, nextPageStart: 50 }],
    [at(50), { values: [aListedPull(51, sha, true)], isLastPage: true, nextPageStart: null }],
  ],
  afterMerge: (sha) => [
    [at(50), { values: [], isLastPage: true, nextPageStart: null }],
    [`${LIST}/51`, aListedPull(51, sha, true, true)],
  ],
  page: pageOf,
  changedAt: new Date(OPENED_AT),
  sourceUrl: null,
};
