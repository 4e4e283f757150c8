import { type Listed, MERGED_AT, NUMBERS, OPENED_AT, pageOf } from '../../testing/fixture-set.js';

const aListedRequest = (iid: number, sha: string, isFork: boolean, merged = false) => ({
  id: iid * 1000,
  iid,
  title: 'Say hello',
  author: { id: 1, username: 'grace' },
  web_url: pageOf(iid),
  state: merged ? 'merged' : 'opened',
  updated_at: merged ? MERGED_AT : OPENED_AT,
  source_branch: 'feature/größe',
  target_branch: 'main',
  sha,
  source_project_id: isFork ? 22 : 11,
  target_project_id: 11,
});

const LIST = '/api/v4/projects/acme%2Fapp/merge_requests';
const at = (page: number): string => `${LIST}?state=opened&per_page=50&page=${page}`;

export const gitlabListed: Listed = {
  pages: (sha) => [
    [at(1), NUMBERS.map((number) => aListedRequest(number, sha, false))],
    [at(2), [aListedRequest(51, sha, true)]],
    ['/api/v4/projects/22', { id: 22, path_with_namespace: 'stranger/app' }],
  ],
  afterMerge: (sha) => [
    [at(2), []],
    [`${LIST}/51`, aListedRequest(51, sha, true, true)],
  ],
  page: pageOf,
  changedAt: new Date(OPENED_AT),
  sourceUrl: null,
};
