import documented from '@octokit/webhooks-examples';
import { describe, expect, it } from 'vitest';
import { factsOf, movedOf } from '../testing/news-facts.js';
import { NO_SHA } from '../testing/shas.js';
import { githubNews } from './news.js';
import { aFork, aPullRequest, aPush } from './testing/payloads.js';

/** The package says that it has the examples as `default`; its file is the list itself. */
const examples = documented as unknown as { name: string; examples: Record<string, unknown>[] }[];

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
