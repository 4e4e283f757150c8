/** Payloads in the shapes that the hosts document, with no more than what is looked at, and something beside it that must not matter. */

export const SHA = '2eba238e33607c1fa49253182e9fff42baafa1eb';
export const OLD_SHA = '39af58f1eff02aa308e16913e887c8d50362b474';
export const NO_SHA = '0'.repeat(40);

type Over = Record<string, unknown>;

// GitHub's shapes, which Gitea and Forgejo share --------------------------------------------------------------------------

const repository = (id: number, fullName: string) => ({ id, full_name: fullName, clone_url: `https://git.example/${fullName}.git` });

export const aPush = (over: Over = {}) => ({
  ref: 'refs/heads/main',
  before: OLD_SHA,
  after: SHA,
  commits: [{ id: SHA, message: 'Add a licence' }],
  repository: repository(1, 'acme/site'),
  ...over,
});

export const aNamedRef = (over: Over = {}) => ({
  ref: 'topic',
  ref_type: 'branch',
  pusher_type: 'user',
  repository: repository(1, 'acme/site'),
  ...over,
});

export const aPullRequest = ({ action = 'opened', pull = {}, head = {} }: { action?: string; pull?: Over; head?: Over } = {}) => ({
  action,
  number: 7,
  pull_request: {
    number: 7,
    title: 'Add a licence',
    user: { id: 3, login: 'ada' },
    html_url: 'https://git.example/acme/site/pulls/7',
    state: 'open',
    merged: false,
    updated_at: '2026-01-31T12:00:00Z',
    head: { label: 'ada:topic', ref: 'topic', sha: SHA, repo: repository(1, 'acme/site'), ...head },
    base: { label: 'acme:main', ref: 'main', sha: OLD_SHA, repo: repository(1, 'acme/site') },
    ...pull,
  },
  repository: repository(1, 'acme/site'),
  sender: { login: 'ada' },
});

export const aFork = { label: 'grace:topic', repo: repository(2, 'grace/site') };

// GitLab --------------------------------------------------------------------------------------------------------------------

const project = (id: number, path: string) => ({ id, path_with_namespace: path, git_http_url: `https://gitlab.example/${path}.git` });

export const aGitlabPush = (over: Over = {}) => ({
  object_kind: 'push',
  event_name: 'push',
  before: OLD_SHA,
  after: SHA,
  ref: 'refs/heads/main',
  user_username: 'ada',
  project: project(5, 'acme/web/site'),
  total_commits_count: 4,
  ...over,
});

export const aMergeRequest = ({ merge = {}, ...over }: { merge?: Over } & Over = {}) => ({
  object_kind: 'merge_request',
  user: { id: 51, name: 'Ada', username: 'ada' },
  project: project(5, 'acme/web/site'),
  object_attributes: {
    id: 99,
    iid: 7,
    author_id: 51,
    title: 'Add a licence',
    url: 'https://gitlab.example/acme/web/site/-/merge_requests/7',
    state: 'opened',
    action: 'open',
    source_branch: 'topic',
    target_branch: 'main',
    source_project_id: 5,
    target_project_id: 5,
    source: project(5, 'acme/web/site'),
    target: project(5, 'acme/web/site'),
    last_commit: { id: SHA, message: 'Add a licence' },
    updated_at: '2026-01-31 12:00:00 UTC',
    ...merge,
  },
  ...over,
});

export const aGitlabFork = { source_project_id: 6, source: project(6, 'grace/site') };

// Bitbucket Cloud -------------------------------------------------------------------------------------------------------------

const cloudRepository = (name: string) => ({
  type: 'repository',
  full_name: name,
  links: { html: { href: `https://bitbucket.org/${name}` }, self: { href: `https://api.bitbucket.org/2.0/repositories/${name}` } },
});
export const aCloudRef = (name: string, type = 'branch') => ({ type, name, target: { type: 'commit', hash: SHA } });

export const aCloudPush = (...changes: { old: unknown; new: unknown }[]) => ({
  actor: { nickname: 'ada' },
  repository: cloudRepository('acme/site'),
  push: { changes: changes.map((change) => ({ forced: false, truncated: false, ...change })) },
});

export const aCloudPullRequest = (over: Over = {}, source = 'acme/site') => ({
  actor: { nickname: 'ada' },
  repository: cloudRepository('acme/site'),
  pullrequest: {
    type: 'pullrequest',
    id: 7,
    title: 'Add a licence',
    state: 'OPEN',
    author: { nickname: 'ada', display_name: 'Ada L.' },
    source: { branch: { name: 'topic' }, commit: { hash: SHA.slice(0, 12) }, repository: cloudRepository(source) },
    destination: { branch: { name: 'main' }, commit: { hash: OLD_SHA.slice(0, 12) }, repository: cloudRepository('acme/site') },
    updated_on: '2026-01-31T12:00:00.000000+00:00',
    links: { html: { href: 'https://bitbucket.org/acme/site/pull-requests/7' } },
    ...over,
  },
});

// Bitbucket Data Center -----------------------------------------------------------------------------------------------------------

const serverRepository = (id: number, key: string) => ({ id, slug: 'site', name: 'Site', project: { id, key, name: key } });

export const aServerPush = (...changes: { ref: string; from: string; to: string }[]) => ({
  eventKey: 'repo:refs_changed',
  date: '2026-01-31T12:00:00+0000',
  actor: { name: 'ada' },
  repository: serverRepository(1, 'ACME'),
  changes: changes.map(({ ref, from, to }) => ({
    ref: { id: ref, displayId: ref.replace(/^refs\/\w+\//, '') },
    refId: ref,
    fromHash: from,
    toHash: to,
  })),
});

export const aServerPullRequest = (eventKey: string, over: Over = {}, from = serverRepository(1, 'ACME')) => ({
  eventKey,
  date: '2026-01-31T13:00:00+0000',
  actor: { name: 'ada' },
  pullRequest: {
    id: 7,
    version: 0,
    title: 'Add a licence',
    state: 'OPEN',
    createdDate: Date.UTC(2026, 0, 31, 11),
    updatedDate: Date.UTC(2026, 0, 31, 12),
    fromRef: { id: 'refs/heads/topic', displayId: 'topic', latestCommit: SHA, repository: from },
    toRef: { id: 'refs/heads/main', displayId: 'main', latestCommit: OLD_SHA, repository: serverRepository(1, 'ACME') },
    author: { user: { name: 'ada' }, role: 'AUTHOR' },
    links: { self: [{ href: 'https://bitbucket.example/projects/ACME/repos/site/pull-requests/7' }] },
    ...over,
  },
});

export const aServerFork = serverRepository(2, '~GRACE');
