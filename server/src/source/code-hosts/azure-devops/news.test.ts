import { describe, expect, it } from 'vitest';
import { isAbout } from '../host-news.js';
import { FACTS, factsOf, movedOf } from '../testing/news-facts.js';
import { NO_SHA, OLD_SHA, SHA } from '../testing/shas.js';
import { azureNews } from './news.js';
import { anAzureFork, anAzurePullRequest, anAzurePush, aRepository } from './testing/payloads.js';

describe('Azure DevOps', () => {
  it('tells of several refs in one push, of new and of deleted ones', () => {
    const payload = anAzurePush(
      { name: 'refs/heads/main', oldObjectId: OLD_SHA, newObjectId: SHA },
      { name: 'refs/tags/v1', oldObjectId: NO_SHA, newObjectId: SHA },
      { name: 'refs/heads/old', oldObjectId: OLD_SHA, newObjectId: NO_SHA },
      { name: 'refs/pull/7/merge', oldObjectId: OLD_SHA, newObjectId: SHA },
    );
    expect(movedOf(azureNews('git.push', payload))).toEqual([
      { what: 'branch', name: 'main', change: 'moved' },
      { what: 'tag', name: 'v1', change: 'created' },
      { what: 'branch', name: 'old', change: 'deleted' },
    ]);
    expect(azureNews('git.push', anAzurePush({ name: 'refs/notes/x', oldObjectId: OLD_SHA, newObjectId: SHA })).kind).toBe('ignored');
  });

  it('tells of pull requests until they are completed or abandoned, of forks with the address to fetch from', () => {
    const facts = (over = {}) => factsOf(azureNews('git.pullrequest.updated', anAzurePullRequest(over)));
    expect(facts()).toEqual({ ...FACTS, url: 'https://dev.azure.com/fabrikam/acme/_git/site/pullrequest/7' });
    expect([facts({ status: 'completed' }).state, facts({ status: 'abandoned' }).state]).toEqual(['merged', 'closed']);
    expect(facts(anAzureFork)).toMatchObject({
      sourceRepository: 'grace/site',
      sourceUrl: 'https://dev.azure.com/fabrikam/grace/_git/site',
    });
    expect(facts({ forkSource: null }).sourceRepository).toBe('a deleted fork');
  });

  it('says so when Azure DevOps does not know the commit of a pull request yet', () => {
    const news = azureNews('git.pullrequest.created', anAzurePullRequest({ lastMergeSourceCommit: undefined }));
    expect(news).toEqual({ kind: 'ignored', why: expect.stringContaining('has not found the commit') });
  });

  it.each([
    ['dev.azure.com/fabrikam/acme/_git/site', true],
    ['fabrikam.visualstudio.com/defaultcollection/acme/_git/site', true],
    ['ssh.dev.azure.com/v3/fabrikam/acme/site', true],
    ['dev.azure.com/fabrikam/other/_git/site', false],
    ['dev.azure.com/fabrikam/_git/site', false],
  ])('is about the repository at %s: %j', (addressKey, expected) => {
    const news = azureNews('git.push', anAzurePush());
    expect(isAbout(news.kind === 'refs' ? news.repository : null, addressKey)).toBe(expected);
  });

  it('is about a repository whose address leaves out the project, as that has its name', () => {
    const payload = anAzurePush();
    const news = azureNews('git.push', {
      ...payload,
      resource: { ...payload.resource, repository: aRepository('r1', 'My site', 'My site') },
    });
    const told = news.kind === 'refs' ? news.repository : null;
    expect(isAbout(told, 'dev.azure.com/fabrikam/_git/my%20site')).toBe(true);
    expect(isAbout(told, 'dev.azure.com/fabrikam/my%20site/_git/my%20site')).toBe(true);
  });
});
