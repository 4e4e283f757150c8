import type { RepositoryUrl } from '../repositories/repository-url.js';

/** The host's address for browsers, as it probably is; without a slash at the end. */
export function webAddressOf({ scheme, hostname, port }: RepositoryUrl): string {
  const name = hostname.toLowerCase();
  return scheme === 'ssh' ? `https://${name}` : `${scheme}://${name}${port === null ? '' : `:${port}`}`;
}

/**
 * For a host whose API begins at a fixed path below its web address: `https://git.example`, `https://git.example/rest` and
 * `https://git.example/rest/api/latest` all mean the last of them.
 *
 * @param rootPath begins with a slash
 * @param apiUrl without a slash at the end
 */
export function completeRoot(rootPath: string, apiUrl: string): string {
  const parts = rootPath.slice(1).split('/');
  const known = parts.findLastIndex((_, last) => apiUrl.endsWith(`/${parts.slice(0, last + 1).join('/')}`)) + 1;
  return [apiUrl, ...parts.slice(known)].join('/');
}

/** Owner or groups, and name. Addresses of Bitbucket Data Center may have more in front. */
export function ownerAndName(path: string): { owner: string; name: string } {
  const parts = path.split('/');
  return { owner: encodeURIComponent(parts.at(-2) ?? ''), name: encodeURIComponent(parts.at(-1) ?? '') };
}
