import documented from '@octokit/webhooks-examples';
import { describe, expect, it } from 'vitest';
import { ZodError } from 'zod';
import { describeRefs, type HostNews, isAbout } from '../host-news.js';
import {
  aCloudPullRequest,
  aCloudPush,
  aCloudRef,
  aFork,
  aGitlabFork,
  aGitlabPush,
  aMergeRequest,
  aNamedRef,
  aPullRequest,
  aPush,
  aServerFork,
  aServerPullRequest,
  aServerPush,
  NO_SHA,
  OLD_SHA,
  SHA,
} from '../testing/payloads.js';
import { bitbucketNews } from './bitbucket-news.js';
import { bitbucketServerNews } from './bitbucket-server-news.js';
import { giteaNews } from './gitea-news.js';
import { githubNews } from './github-news.js';
import { gitlabNews } from './gitlab-news.js';

/** The package says that it has the examples as `default`; its file is the list itself. */
const examples = documented as unknown as { name: string; examples: Record<string, unknown>[] }[];

const FACTS = {
  number: 7,
  title: 'Add a licence',
  author: 'ada',
  state: 'open',
  sourceBranch: 'topic',
  sourceRepository: null,
  sourceUrl: null,
  baseBranch: 'main',
  headSha: SHA,
  updatedAt: new Date('2026-01-31T12:00:00Z'),
};

const factsOf = (news: HostNews) => (news.kind === 'pull_request' ? news.facts : expect.fail(JSON.stringify(news)));
const movedOf = (news: HostNews) => (news.kind === 'refs' ? news.moved : expect.fail(JSON.stringify(news)));
const githubExamples = (event: string) => examples.find(({ name }) => name === event)?.examples ?? expect.fail(`no examples of ${event}`);

describe('GitHub', () => {
  it('understands every documented example of every event, and needs only refs, pull requests and the ping', () => {
    const kinds = new Map<string, Set<string>>();
    for (const { name, examples: payloads } of examples) {
      for (const payload of payloads) kinds.set(name, (kinds.get(name) ?? new Set()).add(githubNews(name, payload).kind));
    }
    const needed = [...kinds].filter(([, kind]) => !kind.has('ignored') || kind.size > 1).map(([name]) => name);
    expect(needed.sort()).toEqual(['create', 'delete', 'ping', 'pull_request', 'push']);
    expect(kinds.get('ping')).toEqual(new Set(['ping']));
    expect(kinds.get('push')).toEqual(new Set(['refs']));
  });

  it('tells from the documented examples what was pushed, made and deleted', () => {
    const moved = githubExamples('push').flatMap((payload) => movedOf(githubNews('push', payload)));
    expect(moved).toContainEqual({ what: 'tag', name: 'simple-tag', change: 'created' });
    expect(moved).toContainEqual({ what: 'tag', name: 'simple-tag', change: 'deleted' });
    expect(moved).toContainEqual({ what: 'branch', name: 'master', change: 'created' });
    expect(githubNews('create', githubExamples('create')[0])).toEqual({
      kind: 'refs',
      repository: 'Codertocat/Hello-World',
      moved: [{ what: 'tag', name: 'simple-tag', change: 'created' }],
    });
  });

  it('reads the facts of the documented pull request', () => {
    const opened = githubExamples('pull_request').find((payload) => payload.action === 'opened');
    expect(githubNews('pull_request', opened)).toEqual({
      kind: 'pull_request',
      repository: 'Codertocat/Hello-World',
      facts: {
        number: 2,
        title: 'Update the README with new information.',
        author: 'Codertocat',
        url: 'https://github.com/Codertocat/Hello-World/pull/2',
        state: 'open',
        sourceBranch: 'changes',
        sourceRepository: null,
        sourceUrl: null,
        baseBranch: 'master',
        headSha: 'ec26c3e57ca3a959ca5aad62de7213c562f8c821',
        updatedAt: new Date('2019-05-15T15:20:33Z'),
      },
    });
  });

  it('follows a pull request from opened to merged, and leaves labels and the like alone', () => {
    const state = (action: string, pull = {}) => factsOf(githubNews('pull_request', aPullRequest({ action, pull }))).state;
    expect(['opened', 'synchronize', 'edited', 'reopened'].map((action) => state(action))).toEqual(['open', 'open', 'open', 'open']);
    expect(state('closed', { state: 'closed' })).toBe('closed');
    expect(state('closed', { state: 'closed', merged: true })).toBe('merged');
    expect(githubNews('pull_request', aPullRequest({ action: 'labeled' })).kind).toBe('ignored');
  });

  it('takes a fork for a fork, also when it is gone', () => {
    const source = (head: object) => factsOf(githubNews('pull_request', aPullRequest({ head: { ...head } }))).sourceRepository;
    expect(source(aFork)).toBe('grace/site');
    expect(source({ ...aFork, repo: null })).toBe('a deleted fork of grace');
    expect(source({})).toBeNull();
  });

  it("takes for a fork's what no branch holds: with Gitea's AGit, whoever may read pushes it to the repository itself", () => {
    const agit = { label: '', ref: 'refs/pull/7/head' };
    expect(factsOf(giteaNews('pull_request', aPullRequest({ head: agit }))).sourceRepository).toBe('acme/site');
  });

  it('knows a forced push, unicode names and refs that are neither branch nor tag', () => {
    expect(movedOf(githubNews('push', aPush({ forced: true })))).toEqual([{ what: 'branch', name: 'main', change: 'moved' }]);
    expect(movedOf(githubNews('push', aPush({ ref: 'refs/heads/größe/日本語', before: NO_SHA })))).toEqual([
      { what: 'branch', name: 'größe/日本語', change: 'created' },
    ]);
    expect(githubNews('push', aPush({ ref: 'refs/notes/commits' })).kind).toBe('ignored');
  });

  it.each(['--upload-pack=evil', 'a..b', 'a b', 'a\nb', ''])('refuses the source branch %j', (ref) => {
    expect(() => githubNews('pull_request', aPullRequest({ head: { ref } }))).toThrow('is not the name of a branch or tag');
  });

  it('drops NUL from texts, which Postgres can not store', () => {
    expect(factsOf(githubNews('pull_request', aPullRequest({ pull: { title: 'a\0b' } }))).title).toBe('ab');
  });
});

describe('Gitea and Forgejo', () => {
  it('tell of pushes, new and deleted branches and tags', () => {
    expect(movedOf(giteaNews('push', aPush()))).toEqual([{ what: 'branch', name: 'main', change: 'moved' }]);
    expect(movedOf(giteaNews('push', aPush({ ref: 'refs/tags/v1', before: NO_SHA })))).toEqual([
      { what: 'tag', name: 'v1', change: 'created' },
    ]);
    expect(movedOf(giteaNews('create', aNamedRef({ ref_type: 'tag', ref: 'v1' })))).toEqual([
      { what: 'tag', name: 'v1', change: 'created' },
    ]);
    expect(movedOf(giteaNews('delete', aNamedRef()))).toEqual([{ what: 'branch', name: 'topic', change: 'deleted' }]);
    expect(giteaNews('issues', {}).kind).toBe('ignored');
  });

  it('tell of pull requests, whose new head has two names', () => {
    for (const event of ['pull_request', 'pull_request_sync']) {
      expect(factsOf(giteaNews(event, aPullRequest({ action: 'synchronized' })))).toEqual({
        ...FACTS,
        url: 'https://git.example/acme/site/pulls/7',
      });
    }
    expect(factsOf(giteaNews('pull_request', aPullRequest({ head: aFork }))).sourceRepository).toBe('grace/site');
    expect(factsOf(giteaNews('pull_request', aPullRequest({ action: 'closed', pull: { state: 'closed', merged: true } }))).state).toBe(
      'merged',
    );
    expect(giteaNews('pull_request', aPullRequest({ action: 'label_updated' })).kind).toBe('ignored');
  });
});

describe('GitLab', () => {
  it('tells of pushes, new and deleted branches and tags', () => {
    expect(gitlabNews('Push Hook', aGitlabPush())).toEqual({
      kind: 'refs',
      repository: 'acme/web/site',
      moved: [{ what: 'branch', name: 'main', change: 'moved' }],
    });
    expect(movedOf(gitlabNews('Push Hook', aGitlabPush({ after: NO_SHA })))).toEqual([{ what: 'branch', name: 'main', change: 'deleted' }]);
    expect(movedOf(gitlabNews('Tag Push Hook', aGitlabPush({ ref: 'refs/tags/v1', before: NO_SHA })))).toEqual([
      { what: 'tag', name: 'v1', change: 'created' },
    ]);
    expect(gitlabNews('Issue Hook', {}).kind).toBe('ignored');
  });

  it('tells of merge requests from opened to merged', () => {
    expect(factsOf(gitlabNews('Merge Request Hook', aMergeRequest()))).toEqual({
      ...FACTS,
      url: 'https://gitlab.example/acme/web/site/-/merge_requests/7',
    });
    const state = (action: string, of: string) =>
      factsOf(gitlabNews('Merge Request Hook', aMergeRequest({ merge: { action, state: of } }))).state;
    expect([state('update', 'locked'), state('close', 'closed'), state('reopen', 'opened'), state('merge', 'merged')]).toEqual([
      'open',
      'closed',
      'open',
      'merged',
    ]);
    expect(gitlabNews('Merge Request Hook', aMergeRequest({ merge: { action: 'approved' } })).kind).toBe('ignored');
  });

  it('says so when GitLab does not know the commit of a merge request yet', () => {
    const news = gitlabNews('Merge Request Hook', aMergeRequest({ merge: { action: 'open', last_commit: null } }));
    expect(news).toEqual({ kind: 'ignored', why: expect.stringContaining('has not found the commit') });
  });

  it('takes a fork for a fork, also when it is gone, and the author for who opened it', () => {
    const facts = (merge: object, over: object = {}) =>
      factsOf(gitlabNews('Merge Request Hook', aMergeRequest({ merge: { ...merge }, ...over })));
    expect(facts(aGitlabFork).sourceRepository).toBe('grace/site');
    expect(facts({ source_project_id: null, source: null }).sourceRepository).toBe('a deleted fork');
    const byAnother = { user: { id: 60, username: 'grace' } };
    expect(facts({ action: 'update' }, byAnother).author).toBe('user 51');
    expect(facts({ action: 'update' }, { ...byAnother, assignees: [{ id: 51, username: 'ada' }] }).author).toBe('ada');
  });
});

describe('Bitbucket Cloud', () => {
  it('tells of several refs in one push, of new, forced and deleted ones', () => {
    const payload = aCloudPush(
      { old: aCloudRef('main'), new: aCloudRef('main') },
      { old: null, new: aCloudRef('v1', 'tag') },
      { old: aCloudRef('old'), new: null },
    );
    expect(bitbucketNews('repo:push', payload)).toEqual({
      kind: 'refs',
      repository: 'acme/site',
      moved: [
        { what: 'branch', name: 'main', change: 'moved' },
        { what: 'tag', name: 'v1', change: 'created' },
        { what: 'branch', name: 'old', change: 'deleted' },
      ],
    });
    expect(bitbucketNews('issue:created', {}).kind).toBe('ignored');
  });

  it('tells of pull requests, of forks with the address to fetch from', () => {
    const url = 'https://bitbucket.org/acme/site/pull-requests/7';
    expect(factsOf(bitbucketNews('pullrequest:created', aCloudPullRequest()))).toEqual({ ...FACTS, url, headSha: SHA.slice(0, 12) });
    expect(factsOf(bitbucketNews('pullrequest:updated', aCloudPullRequest({}, 'grace/site')))).toMatchObject({
      sourceRepository: 'grace/site',
      sourceUrl: 'https://bitbucket.org/grace/site.git',
    });
    expect(factsOf(bitbucketNews('pullrequest:fulfilled', aCloudPullRequest({ state: 'MERGED' }))).state).toBe('merged');
    expect(factsOf(bitbucketNews('pullrequest:rejected', aCloudPullRequest({ state: 'DECLINED' }))).state).toBe('closed');
    expect(bitbucketNews('pullrequest:approved', aCloudPullRequest()).kind).toBe('ignored');
  });
});

describe('Bitbucket Data Center', () => {
  it('tells of refs and answers its test', () => {
    const payload = aServerPush({ ref: 'refs/heads/main', from: OLD_SHA, to: SHA }, { ref: 'refs/tags/v1', from: OLD_SHA, to: NO_SHA });
    expect(bitbucketServerNews('repo:refs_changed', payload)).toEqual({
      kind: 'refs',
      repository: 'ACME/site',
      moved: [
        { what: 'branch', name: 'main', change: 'moved' },
        { what: 'tag', name: 'v1', change: 'deleted' },
      ],
    });
    expect(bitbucketServerNews('diagnostics:ping', { test: true }).kind).toBe('ping');
    expect(bitbucketServerNews('repo:forked', {}).kind).toBe('ignored');
  });

  it('tells of pull requests from opened to merged or deleted', () => {
    const facts = (event: string, over = {}, from = aServerPullRequest('').pullRequest.fromRef.repository) =>
      factsOf(bitbucketServerNews(event, aServerPullRequest(event, over, from)));
    expect(facts('pr:opened')).toEqual({ ...FACTS, url: 'https://bitbucket.example/projects/ACME/repos/site/pull-requests/7' });
    expect(facts('pr:from_ref_updated', { updatedDate: '2026-01-31T12:00:00+0000' }, aServerFork).sourceRepository).toBe('~GRACE/site');
    expect(facts('pr:merged', { state: 'MERGED' }).state).toBe('merged');
    expect(facts('pr:declined', { state: 'DECLINED' }).state).toBe('closed');
    expect(facts('pr:deleted')).toMatchObject({ state: 'closed', updatedAt: new Date('2026-01-31T13:00:00Z') });
  });
});

it('names up to three refs in a sentence', () => {
  const branch = (name: string) => ({ what: 'branch' as const, name, change: 'moved' as const });
  expect(describeRefs([branch('main')])).toBe('Branch main was pushed: a fetch was requested.');
  expect(describeRefs([branch('a'), { what: 'tag', name: 'v1', change: 'deleted' }])).toBe(
    'Branch a was pushed and tag v1 was deleted: a fetch was requested.',
  );
  expect(describeRefs(['a', 'b', 'c', 'd', 'e'].map(branch))).toBe(
    'Branch a was pushed, branch b was pushed, branch c was pushed and 2 more were changed: a fetch was requested.',
  );
});

it('compares owner and name alone, whatever the host is called and below whichever path it lives', () => {
  expect(isAbout('Acme/Site', 'github.com/acme/site')).toBe(true);
  expect(isAbout('ACME/site', 'bitbucket.example/scm/acme/site')).toBe(true);
  expect(isAbout('acme/site', 'git.example/big-acme/site')).toBe(false);
  expect(isAbout('acme/other', 'github.com/acme/site')).toBe(false);
  expect([isAbout(null, 'github.com/acme/site'), isAbout('acme/site', null)]).toEqual([true, true]);
});

describe('whatever stands in the place of a field', () => {
  const HOSTS: [string, (event: string, payload: unknown) => HostNews, string, object][] = [
    ['GitHub', githubNews, 'push', aPush()],
    ['GitHub', githubNews, 'create', aNamedRef()],
    ['GitHub', githubNews, 'pull_request', aPullRequest({ head: aFork })],
    ['Gitea', giteaNews, 'pull_request_sync', aPullRequest({ action: 'synchronized' })],
    ['GitLab', gitlabNews, 'Push Hook', aGitlabPush()],
    ['GitLab', gitlabNews, 'Merge Request Hook', aMergeRequest({ merge: aGitlabFork })],
    ['Bitbucket', bitbucketNews, 'repo:push', aCloudPush({ old: aCloudRef('main'), new: aCloudRef('main') })],
    ['Bitbucket', bitbucketNews, 'pullrequest:created', aCloudPullRequest()],
    ['Bitbucket Data Center', bitbucketServerNews, 'repo:refs_changed', aServerPush()],
    ['Bitbucket Data Center', bitbucketServerNews, 'pr:opened', aServerPullRequest('pr:opened')],
  ];
  const OTHERS: unknown[] = [
    undefined,
    null,
    {},
    [],
    'x',
    '',
    'x'.repeat(100_000),
    '\0\ud800',
    -1,
    1e308,
    true,
    { toString: null },
    '__proto__',
  ];

  it.each(HOSTS)('%s: it is read, passed over, or refused by its path (%#)', (_host, newsOf, event, payload) => {
    for (const path of pathsIn(payload))
      for (const other of OTHERS) {
        const news = read(() => newsOf(event, replaced(payload, path, other)));
        if (news?.kind !== 'pull_request') continue;
        const { updatedAt, number, ...facts } = news.facts;
        expect([Number.isNaN(updatedAt.getTime()), Number.isInteger(number)]).toEqual([false, true]);
        expect(JSON.stringify(facts).length, path.join('.')).toBeLessThan(10_000);
      }
  });

  function read(news: () => HostNews): HostNews | null {
    try {
      return news();
    } catch (error) {
      if (error instanceof ZodError) return null;
      throw error;
    }
  }
  const pathsIn = (value: unknown, above: string[] = []): string[][] =>
    typeof value === 'object' && value !== null
      ? [above, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...above, key]))]
      : [above];
  function replaced(value: unknown, [key, ...rest]: string[], by: unknown): unknown {
    if (key === undefined) return by;
    const copy = structuredClone(value) as Record<string, unknown>;
    copy[key] = replaced(copy[key], rest, by);
    return copy;
  }
});
