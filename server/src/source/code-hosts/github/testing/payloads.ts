import { OLD_SHA, SHA } from '../../testing/shas.js';

type Over = Record<string, unknown>;

/** GitHub's shapes, which Gitea and Forgejo share. */
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
