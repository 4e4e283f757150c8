import { describe, expect, it } from 'vitest';
import { FACTS, factsOf, movedOf } from '../testing/news-facts.js';
import { NO_SHA } from '../testing/shas.js';
import { gitlabNews } from './news.js';
import { aGitlabFork, aGitlabPush, aMergeRequest } from './testing/payloads.js';

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
