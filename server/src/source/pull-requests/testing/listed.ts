import type { HostApi } from '../../mirrors/ports.js';

/** Answers of hosts' APIs after their documentation, cut down to one repository `acme/app` with 50 pull requests of its own and one of a fork. */
type Listed = {
  /** By address. */
  pages(sha: string): [string, unknown][];
  /** When the last one was merged. */
  afterMerge(sha: string): [string, unknown][];
  sourceUrl: string | null;
};

const AT = '2026-01-01T10:00:00Z';
const MERGED_AT = '2026-01-01T11:00:00Z';
const numbers = Array.from({ length: 50 }, (_, n) => n + 1);
const page = (number: number): string => `https://host.test/pulls/${number}`;

function hub(root: string) {
  const pull = (number: number, sha: string, isFork: boolean, merged = false) => ({
    id: number * 1000,
    number,
    title: 'Say hello',
    user: { login: 'grace', id: 1 },
    html_url: page(number),
    state: merged ? 'closed' : 'open',
    merged_at: merged ? MERGED_AT : null,
    updated_at: merged ? MERGED_AT : AT,
    head: { ref: 'feature/größe', sha, repo: { id: isFork ? 2 : 1, full_name: isFork ? 'stranger/app' : 'acme/app' } },
    base: { ref: 'main', sha: sha.replace('c', 'd'), repo: { id: 1, full_name: 'acme/app' } },
  });
  const list = `${root}/repos/acme/app/pulls`;
  const at = (n: number) => `${list}?state=open&per_page=50&limit=50&page=${n}`;
  return {
    pull,
    pages: (sha: string): [string, unknown][] => [
      [at(1), numbers.map((number) => pull(number, sha, false))],
      [at(2), [pull(51, sha, true)]],
    ],
    afterMerge: (sha: string): [string, unknown][] => [
      [at(2), []],
      [`${list}/51`, pull(51, sha, true, true)],
    ],
    sourceUrl: null,
  };
}

const gitlabRequest = (iid: number, sha: string, isFork: boolean, merged = false) => ({
  id: iid * 1000,
  iid,
  title: 'Say hello',
  author: { id: 1, username: 'grace' },
  web_url: page(iid),
  state: merged ? 'merged' : 'opened',
  updated_at: merged ? MERGED_AT : AT,
  source_branch: 'feature/größe',
  target_branch: 'main',
  sha,
  source_project_id: isFork ? 22 : 11,
  target_project_id: 11,
});
const GITLAB = '/api/v4/projects/acme%2Fapp/merge_requests';
const gitlabAt = (n: number): string => `${GITLAB}?state=opened&per_page=50&page=${n}`;

const bitbucketPull = (id: number, sha: string, isFork: boolean, merged = false) => {
  const source = isFork ? 'stranger/app' : 'acme/app';
  return {
    id,
    title: 'Say hello',
    author: { nickname: 'grace', display_name: 'Grace Hopper' },
    links: { html: { href: page(id) } },
    state: merged ? 'MERGED' : 'OPEN',
    updated_on: merged ? MERGED_AT : AT,
    source: {
      branch: { name: 'feature/größe' },
      commit: { hash: sha.slice(0, 12) },
      repository: { full_name: source, links: { html: { href: `https://bitbucket.test/${source}` } } },
    },
    destination: { branch: { name: 'main' }, commit: { hash: 'd'.repeat(12) }, repository: { full_name: 'acme/app' } },
  };
};
const BITBUCKET = '/2.0/repositories/acme/app/pullrequests';
const bitbucketAt = (n: number): string => `${BITBUCKET}?state=OPEN&pagelen=50&page=${n}`;

const serverPull = (id: number, sha: string, isFork: boolean, merged = false) => ({
  id,
  title: 'Say hello',
  author: { user: { name: 'grace' } },
  links: { self: [{ href: page(id) }] },
  state: merged ? 'MERGED' : 'OPEN',
  updatedDate: Date.parse(merged ? MERGED_AT : AT),
  fromRef: {
    id: 'refs/heads/feature/größe',
    displayId: 'feature/größe',
    latestCommit: sha,
    repository: { id: isFork ? 22 : 11, slug: 'app', project: { key: isFork ? 'stranger' : 'acme' } },
  },
  toRef: { id: 'refs/heads/main', displayId: 'main', repository: { id: 11, slug: 'app', project: { key: 'acme' } } },
});
const SERVER = '/rest/api/latest/projects/acme/repos/app/pull-requests';
const serverAt = (start: number): string => `${SERVER}?state=OPEN&limit=50&start=${start}`;

const github = hub('');

export const LISTED: Record<HostApi['host'], Listed> & { github: typeof github } = {
  github,
  gitea: hub('/api/v1'),
  gitlab: {
    pages: (sha) => [
      [gitlabAt(1), numbers.map((number) => gitlabRequest(number, sha, false))],
      [gitlabAt(2), [gitlabRequest(51, sha, true)]],
      ['/api/v4/projects/22', { id: 22, path_with_namespace: 'stranger/app' }],
    ],
    afterMerge: (sha) => [
      [gitlabAt(2), []],
      [`${GITLAB}/51`, gitlabRequest(51, sha, true, true)],
    ],
    sourceUrl: null,
  },
  bitbucket: {
    pages: (sha) => [
      [
        bitbucketAt(1),
        { values: numbers.map((number) => bitbucketPull(number, sha, false)), next: 'https://elsewhere.test/steals/credentials' },
      ],
      [bitbucketAt(2), { values: [bitbucketPull(51, sha, true)] }],
      [`/2.0/repositories/acme/app/commit/${sha.slice(0, 12)}`, { hash: sha }],
      [`/2.0/repositories/stranger/app/commit/${sha.slice(0, 12)}`, { hash: sha }],
    ],
    afterMerge: (sha) => [
      [bitbucketAt(2), { values: [] }],
      [`${BITBUCKET}/51`, bitbucketPull(51, sha, true, true)],
    ],
    sourceUrl: 'https://bitbucket.test/stranger/app.git',
  },
  bitbucket_server: {
    pages: (sha) => [
      [serverAt(0), { values: numbers.map((number) => serverPull(number, sha, false)), isLastPage: false, nextPageStart: 50 }],
      [serverAt(50), { values: [serverPull(51, sha, true)], isLastPage: true, nextPageStart: null }],
    ],
    afterMerge: (sha) => [
      [serverAt(50), { values: [], isLastPage: true, nextPageStart: null }],
      [`${SERVER}/51`, serverPull(51, sha, true, true)],
    ],
    sourceUrl: null,
  },
};
