import { OLD_SHA, SHA } from '../../testing/shas.js';

type Over = Record<string, unknown>;

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
