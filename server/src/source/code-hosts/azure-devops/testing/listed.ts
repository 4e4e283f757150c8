import { type Listed, MERGED_AT, NUMBERS, OPENED_AT } from '../../testing/fixture-set.js';

const HOST = 'https://host.test/acme';
const aListedRepository = (id: string, project: string) => ({
  id,
  name: 'app',
  url: `${HOST}/${id}-project/_apis/git/repositories/${id}`,
  project: { id: `${id}-project`, name: project },
});

const aListedPull = (pullRequestId: number, sha: string, isFork: boolean, merged = false) => ({
  pullRequestId,
  title: 'Say hello',
  createdBy: { displayName: 'grace', uniqueName: 'grace@host.test' },
  status: merged ? 'completed' : 'active',
  creationDate: OPENED_AT,
  ...(merged ? { closedDate: MERGED_AT } : {}),
  sourceRefName: 'refs/heads/feature/größe',
  targetRefName: 'refs/heads/main',
  lastMergeSourceCommit: { commitId: sha },
  repository: aListedRepository('r1', 'acme'),
  ...(isFork ? { forkSource: { name: 'refs/heads/feature/größe', repository: aListedRepository('r2', 'stranger') } } : {}),
});

const LIST = '/_apis/git/repositories/app/pullrequests';
const at = (skip: number): string => `${LIST}?searchCriteria.status=active&$top=50&$skip=${skip}&api-version=5.0`;

export const azureListed: Listed = {
  pages: (sha) => [
    [at(0), { value: NUMBERS.map((number) => aListedPull(number, sha, false)), count: 50 }],
    [at(50), { value: [aListedPull(51, sha, true)], count: 1 }],
  ],
  afterMerge: (sha) => [
    [at(50), { value: [], count: 0 }],
    [`${LIST}/51?api-version=5.0`, aListedPull(51, sha, true, true)],
  ],
  page: (number) => `${HOST}/r1-project/_git/app/pullrequest/${number}`,
  changedAt: null,
  sourceUrl: `${HOST}/r2-project/_git/app`,
};
