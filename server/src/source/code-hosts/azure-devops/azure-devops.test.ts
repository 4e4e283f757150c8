import { describe, expect, it } from 'vitest';
import { isBadUrl, parseRepositoryUrl } from '../../repositories/repository-url.js';
import { azureDevops } from './azure-devops.js';
import { azureDevopsFixtures } from './testing/fixtures.js';
import { anAzurePush } from './testing/payloads.js';

const SECRET = 'It is a secret to everybody';
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('a call of Azure DevOps', () => {
  const verdict = (authorization: string) => azureDevops.webhook.verify(SECRET, { authorization }, Buffer.alloc(0));

  it('proves itself by the password alone, whatever the user is called', () => {
    expect([verdict(basic(`:${SECRET}`)), verdict(basic(`größe:${SECRET}`))]).toEqual(['good', 'good']);
    for (const pair of [`${SECRET}:`, `a:${SECRET}:`, `a:b:${SECRET}`, `a:${SECRET.toLowerCase()}`, ':'])
      expect(verdict(basic(pair))).toBe('wrong');
    for (const odd of ['Basic', 'Basic ', 'Basic ?', basic(SECRET), `Bearer ${SECRET}`, basic(`a:${SECRET}`).replace(/=+$/, '')])
      expect(verdict(odd)).toBe('malformed');
  });

  it('says what happened near its beginning, and nothing if only further on', () => {
    const eventOf = (payload: object) => azureDevops.webhook.event({}, Buffer.from(JSON.stringify(payload, null, 2)));
    expect(eventOf(anAzurePush())).toBe('git.push');
    expect(eventOf({ padding: 'x'.repeat(5_000), ...anAzurePush() })).toBeNull();
    expect(eventOf({ eventType: 'x'.repeat(200) })).toBeNull();
  });
});

describe('the address of a repository in Azure DevOps', () => {
  const problem = (text: string) => {
    const url = parseRepositoryUrl(text);
    return isBadUrl(url) ? expect.fail(url.message) : azureDevops.address.problemWith?.(url);
  };

  it.each(azureDevopsFixtures.addresses)('can be $clone', ({ clone }) => {
    expect(problem(clone)).toBeNull();
  });

  it.each([
    'https://dev.azure.com/fabrikam/web',
    'https://dev.azure.com/fabrikam/web/_git',
    'https://dev.azure.com/fabrikam/web/_git/app/pullrequest/7',
    'https://git.example/acme/app.git',
    'git@ssh.dev.azure.com:fabrikam/web/app',
    'git@ssh.dev.azure.com:v3/fabrikam/app',
  ])('can not be %s, and it is said how one looks', (text) => {
    expect(problem(text)).toContain('https://host/collection/project/_git/repository');
  });
});

it('takes a page to sign in at for no success', () => {
  const answer = { retryAfterMs: null, link: null, text: '<html>Sign in</html>' };
  expect([200, 203, 302].map((status) => azureDevops.statuses.isTold({ ...answer, status }))).toEqual([true, false, false]);
});
