import { expect, it } from 'vitest';
import { apiRootOf, usualApiRoot } from './api-root.js';
import { CODE_HOSTS, type CodeHost } from './code-host.js';

const HOSTS = CODE_HOSTS.filter((host): host is Exclude<CodeHost, 'other'> => host !== 'other');

it.each(HOSTS)('takes the usual root of %s as it is', (host) => {
  for (const web of ['https://git.example', 'https://git.example/below/a/path', 'http://127.0.0.1:8080']) {
    expect(apiRootOf(host, usualApiRoot(host, web))).toBe(usualApiRoot(host, web));
  }
});

it.each(HOSTS.filter((host) => host !== 'github'))('completes what names a part of the root of %s', (host) => {
  const root = usualApiRoot(host, 'https://git.example');
  for (let parts = root.split('/'); parts.length >= 3; parts = parts.slice(0, -1)) expect(apiRootOf(host, parts.join('/'))).toBe(root);
});

it('keeps the version of Bitbucket Data Center that somebody named', () => {
  expect(apiRootOf('bitbucket_server', 'https://git.example/rest/api/1.0')).toBe('https://git.example/rest/api/1.0');
});

it("knows GitHub's own by its name alone", () => {
  expect(apiRootOf('github', 'https://api.github.com')).toBe('https://api.github.com');
});
