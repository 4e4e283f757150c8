import type { HostKind } from './host-kinds.js';

/** The credential for a host's API. */
export type ApiCredential = { kind: 'token'; token: string } | { kind: 'password'; username: string; password: string };

/** Where a host's HTTP API takes requests about a repository, and with which credential. */
export type HostApi = {
  host: HostKind;
  /** Without a slash at the end, e.g. https://api.github.com. */
  apiUrl: string;
  /** Of the repository at the host: owner and name, or the groups of GitLab. */
  path: string;
  credential: ApiCredential;
};
