import { OLD_SHA, SHA } from '../../testing/shas.js';

type Over = Record<string, unknown>;

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
