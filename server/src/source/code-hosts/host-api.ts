import type { HostKind } from './host-kinds.js';

/** As whom a host's API is asked. */
export type ApiCredential = { kind: 'token'; token: string } | { kind: 'password'; username: string; password: string };

/** Where a host's HTTP API takes requests about a repository, and as whom. */
export type HostApi = {
  host: HostKind;
  /** Without a slash at the end, e.g. https://api.github.com. */
  apiUrl: string;
  /** Of the repository at the host: owner and name, or the groups of GitLab. */
  path: string;
  credential: ApiCredential;
};
