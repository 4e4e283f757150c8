import type { RepositoryUrl } from '../repositories/repository-url.js';
import { azureDevops } from './azure-devops/azure-devops.js';
import { bitbucket } from './bitbucket/bitbucket.js';
import { bitbucketServer } from './bitbucket-server/bitbucket-server.js';
import type { CodeHost } from './code-host.js';
import { gitea } from './gitea/gitea.js';
import { github } from './github/github.js';
import { gitlab } from './gitlab/gitlab.js';
import { HOST_KINDS, type HostKind, type HostSoftware } from './host-kinds.js';
import type { Headers } from './signature.js';

export const CODE_HOSTS: Record<HostKind, CodeHost> = {
  github,
  gitlab,
  gitea,
  bitbucket,
  bitbucket_server: bitbucketServer,
  azure_devops: azureDevops,
};

/** null for any other Git server. */
export const codeHostOf = (software: HostSoftware): CodeHost | null => (software === 'other' ? null : CODE_HOSTS[software]);

/** Guesses the software of a host from an address, until somebody names another one. A hint counts only if such a host can have this address. */
export function guessHost(url: RepositoryUrl): HostSoftware {
  const name = url.hostname.toLowerCase();
  const labels = name.split('.');
  const isHinted = ({ address }: CodeHost) => address.hints.some((word) => labels.some((label) => label.startsWith(word)));
  return (
    HOST_KINDS.find((kind) => serviceOf(kind, name) !== undefined) ??
    HOST_KINDS.find((kind) => isHinted(CODE_HOSTS[kind]) && !CODE_HOSTS[kind].address.problemWith?.(url)) ??
    'other'
  );
}

/** The root of a public service's API if the API has a host name of its own; null: it does not, or this is not a public service. */
export function apiElsewhere(hostname: string): string | null {
  const name = hostname.toLowerCase();
  return HOST_KINDS.map((kind) => serviceOf(kind, name)).find((root) => root != null) ?? null;
}

function serviceOf(kind: HostKind, hostname: string): string | null | undefined {
  const services = Object.entries(CODE_HOSTS[kind].address.services);
  return services.find(([name]) => (name.startsWith('.') ? hostname.endsWith(name) : hostname === name))?.[1];
}

/**
 * Tells the caller of a webhook from its headers, because for a host with a name of its own `software` is only a guess. Security does not depend
 * on the answer: every caller must know the repository's secret. null: no known host.
 *
 * @param software what the repository's host is assumed to run; it decides for calls that no header claims
 */
export function senderOf(headers: Headers, software: HostSoftware | null): HostKind | null {
  const claimed = HOST_KINDS.find((kind) => CODE_HOSTS[kind].webhook.isFrom?.(headers));
  if (claimed || software === null || software === 'other') return claimed ?? null;
  return CODE_HOSTS[software].webhook.isFrom === null ? software : null;
}
