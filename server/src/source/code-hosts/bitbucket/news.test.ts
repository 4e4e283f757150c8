import { describe, expect, it } from 'vitest';
import { FACTS, factsOf } from '../testing/news-facts.js';
import { SHA } from '../testing/shas.js';
import { bitbucketNews } from './news.js';
import { aCloudPullRequest, aCloudPush, aCloudRef } from './testing/payloads.js';

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
