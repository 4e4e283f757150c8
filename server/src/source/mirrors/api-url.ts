import { DomainError } from '../../platform/errors.js';
import { apiElsewhere, codeHostOf } from '../code-hosts/code-hosts.js';
import type { HostSoftware } from '../code-hosts/host-kinds.js';
import type { RepositoryUrl } from '../repositories/repository-url.js';

const MAX_LENGTH = 500;

/** Where the host's HTTP API is, as the host's software has it unless somebody moved it; null for hosts without one. */
export function usualApiUrl(host: HostSoftware, url: RepositoryUrl): string | null {
  const known = codeHostOf(host);
  return known ? (apiElsewhere(url.hostname) ?? known.address.usualApi(url)) : null;
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
  const known = apiElsewhere(name);
  return secure && (api.hostname === name || (known !== null && api.origin === new URL(known).origin));
}
