import { describe, expect, it } from 'vitest';
import { FACTS, factsOf } from '../testing/news-facts.js';
import { NO_SHA, OLD_SHA, SHA } from '../testing/shas.js';
import { bitbucketServerNews } from './news.js';
import { aServerFork, aServerPullRequest, aServerPush } from './testing/payloads.js';

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
