import { type Listed, MERGED_AT, NUMBERS, OPENED_AT, pageOf } from '../../testing/fixture-set.js';

export const aListedPull = (number: number, sha: string, isFork: boolean, merged = false) => ({
  id: number * 1000,
  number,
  title: 'Say hello',
  user: { login: 'grace', id: 1 },
  html_url: pageOf(number),
  state: merged ? 'closed' : 'open',
  merged_at: merged ? MERGED_AT : null,
  updated_at: merged ? MERGED_AT : OPENED_AT,
  head: { ref: 'feature/größe', sha, repo: { id: isFork ? 2 : 1, full_name: isFork ? 'stranger/app' : 'acme/app' } },
  base: { ref: 'main', sha: sha.replace('c', 'd'), repo: { id: 1, full_name: 'acme/app' } },
});

export function hubListed(root: string): Listed {
  const list = `${root}/repos/acme/app/pulls`;
  const at = (page: number) => `${list}?state=open&per_page=50&limit=50&page=${page}`;
  return {
    pages: (sha) => [
      [at(1), NUMBERS.map((number) => aListedPull(number, sha, false))],
      [at(2), [aListedPull(51, sha, true)]],
    ],
    afterMerge: (sha) => [
      [at(2), []],
      [`${list}/51`, aListedPull(51, sha, true, true)],
    ],
    page: pageOf,
    changedAt: new Date(OPENED_AT),
    sourceUrl: null,
  };
}
