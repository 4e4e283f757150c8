import type { CodeHost } from './code-host.js';

type HostWithApi = Exclude<CodeHost, 'other'>;

/** Where each host's API begins below its web address. GitHub's own is at a name of its own instead, and takes no path. */
const ROOT: Record<HostWithApi, string> = {
  github: '/api/v3',
  gitlab: '/api/v4',
  gitea: '/api/v1',
  bitbucket: '/2.0',
  bitbucket_server: '/rest/api/latest',
};
/** Bitbucket Data Center has a second API beside it, for builds among others. */
const ANY_VERSION = /\/rest\/api\/[^/]+$/;

/**
 * The root of a host's API, from an address of it that may name none, some or all of the root's path: `https://git.example`,
 * `https://git.example/rest` and `https://git.example/rest/api/1.0` are all understood. GitHub's is taken as it is.
 *
 * @param apiUrl without a slash at the end
 */
export function apiRootOf(host: HostWithApi, apiUrl: string): string {
  if (host === 'github' || (host === 'bitbucket_server' && ANY_VERSION.test(apiUrl))) return apiUrl;
  const parts = ROOT[host].slice(1).split('/');
  const known = parts.findLastIndex((_, last) => apiUrl.endsWith(`/${parts.slice(0, last + 1).join('/')}`)) + 1;
  return [apiUrl, ...parts.slice(known)].join('/');
}

/** @param web the host's address, without a slash at the end */
export const usualApiRoot = (host: HostWithApi, web: string): string => `${web}${ROOT[host]}`;
