import { DomainError } from '../../platform/errors.js';
import { usualApiRoot } from '../repositories/api-root.js';
import type { CodeHost } from '../repositories/code-host.js';
import type { RepositoryUrl } from '../repositories/repository-url.js';

/** Hosts whose API is under a name of its own. */
const ELSEWHERE = new Map([
  ['github.com', 'https://api.github.com'],
  ['bitbucket.org', 'https://api.bitbucket.org/2.0'],
]);
const MAX_LENGTH = 500;

/** Where the host's HTTP API is, as the host's software has it unless somebody moved it; null for hosts without one. */
export function usualApiUrl(host: CodeHost, { scheme, hostname, port }: RepositoryUrl): string | null {
  if (host === 'other') return null;
  const name = hostname.toLowerCase();
  const web = scheme === 'ssh' ? `https://${name}` : `${scheme}://${name}${port === null ? '' : `:${port}`}`;
  return ELSEWHERE.get(name) ?? usualApiRoot(host, web);
}

/** @returns without a slash at the end. @throws DomainError */
export function checkApiUrl(text: string): string {
  const url = text.length <= MAX_LENGTH && URL.canParse(text) ? new URL(text) : null;
  const plain = url && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!plain || !['https:', 'http:'].includes(url.protocol))
    throw new DomainError(
      'bad_input',
      'bad_api_url',
      'The address of an API looks like https://git.example/api/v4, without a user name and without "?". Leave it out to use the usual one.',
    );
  return url.href.replace(/\/+$/, '');
}

/** Whether a credential for the repository may go to this API without being given for it: the same machine, or its well-known other name. */
export function belongsTo(apiUrl: string, url: RepositoryUrl): boolean {
  const name = url.hostname.toLowerCase();
  const api = new URL(apiUrl);
  const secure = api.protocol === 'https:' || url.scheme === 'http';
  const known = ELSEWHERE.get(name);
  return secure && (api.hostname === name || (known !== undefined && api.origin === new URL(known).origin));
}
