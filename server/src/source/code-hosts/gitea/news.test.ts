import { describe, expect, it } from 'vitest';
import { aFork, aNamedRef, aPullRequest, aPush } from '../github/testing/payloads.js';
import { FACTS, factsOf, movedOf } from '../testing/news-facts.js';
import { NO_SHA } from '../testing/shas.js';
import { giteaNews } from './news.js';

describe('Gitea and Forgejo', () => {
  it("takes for a fork's what no branch holds: with Gitea's AGit, whoever may read pushes it to the repository itself", () => {
    const agit = { label: '', ref: 'refs/pull/7/head' };
    expect(factsOf(giteaNews('pull_request', aPullRequest({ head: agit }))).sourceRepository).toBe('acme/site');
  });

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
