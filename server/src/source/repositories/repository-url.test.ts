import { describe, expect, it } from 'vitest';
import { formatRepositoryUrl, isBadUrl, parseRepositoryUrl, repositoryKey } from './repository-url.js';

const parsed = (text: string) => {
  const url = parseRepositoryUrl(text);
  if (isBadUrl(url)) throw new Error(`${text}: ${url.message}`);
  return url;
};

describe('the address of a repository', () => {
  it.each([
    ['https://github.com/acme/app.git', 'https://github.com/acme/app.git'],
    ['https://git.example:8443/a/b/c', 'https://git.example:8443/a/b/c'],
    ['git@github.com:acme/app.git', 'git@github.com:acme/app.git'],
    ['github.com:acme/app.git', 'git@github.com:acme/app.git'],
    ['git@host:/srv/git/app.git', 'ssh://git@host/srv/git/app.git'],
    ['ssh://deploy@git.example:2222/acme/app', 'ssh://deploy@git.example:2222/acme/app'],
    ['ssh://git.example/acme/app/', 'ssh://git@git.example/acme/app'],
  ])('%s is understood', (text, url) => {
    expect(formatRepositoryUrl(parsed(text))).toBe(url);
  });

  it('has one key for all of its spellings', () => {
    const spellings = [
      'https://GitHub.com/Acme/app.git',
      'git@github.com:acme/app',
      'ssh://git@github.com:22/acme/app.git/',
      'http://github.com/acme/app',
    ];
    expect(new Set(spellings.map((text) => repositoryKey(parsed(text))))).toEqual(new Set(['github.com/acme/app']));
  });

  it.each([
    ['', 'not_a_url'],
    ['app', 'not_a_url'],
    ['/srv/git/app.git', 'not_a_url'],
    ['./app.git', 'not_a_url'],
    ['ssh://%zz@host/app.git', 'not_a_url'],
    ['file:///srv/git/app.git', 'scheme'],
    ['ext::sh -c id', 'not_a_url'],
    ['ext::sh', 'scheme'],
    ['git@host::ext', 'scheme'],
    ['git://host/app', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['--upload-pack=touch', 'option'],
    ['-oProxyCommand=id', 'option'],
    ['ssh://-oProxyCommand=id/app', 'option'],
    ['ssh://-x@host/app', 'option'],
    ['ssh://%2doProxyCommand=id@host/app', 'option'],
    ['ssh://a%2Fb@host/app', 'not_a_url'],
    ['ssh://%zz@host/app', 'not_a_url'],
    ['ssh://git@%31%32%37.0.0.1/app', 'not_a_url'],
    ['-u@host:app', 'option'],
    ['git@host:-x', 'option'],
    ['https://user:secret@host/app', 'credentials'],
    ['https://token@host/app', 'credentials'],
    ['ssh://git:secret@host/app', 'credentials'],
    ['https://host/app?x=1', 'path'],
    ['https://host/a\nb', 'not_a_url'],
    ['git@host:../../etc/passwd', 'path'],
    [`https://host/${'a'.repeat(2_000)}`, 'not_a_url'],
  ])('%j is refused', (text, code) => {
    expect(parseRepositoryUrl(text)).toMatchObject({ code });
  });
});
