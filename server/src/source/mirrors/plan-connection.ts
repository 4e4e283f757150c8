import { DomainError } from '../../platform/errors.js';
import { codeHostOf, guessHost } from '../code-hosts/code-hosts.js';
import type { HostSoftware } from '../code-hosts/host-kinds.js';
import { isBadUrl, parseRepositoryUrl, type RepositoryUrl } from '../repositories/repository-url.js';
import { checkApiUrl, usualApiUrl } from './api-url.js';
import { type Credential, type CredentialInput, checkCredential } from './credential.js';
import { LEAST_POLL_MS, POLL_EVERY_MS } from './fetch-schedule.js';
import type { PrivateFiles } from './private-files.js';
import type { RemoteGit } from './remote-git.js';
import type { HostConnection } from './remote-way.js';
import { makeSshKey, readSshKey } from './ssh-keys.js';

/** What people say of an external repository. */
export type ConnectionInput = {
  url: string;
  credential: CredentialInput;
  /** Left out: guessed by the name of the host. */
  host?: HostSoftware | null | undefined;
  /** Left out: the usual one of such a host; empty: none. */
  apiUrl?: string | null | undefined;
};

/** How a repository is going to be reached; nothing was asked of the host yet. */
export type ConnectionPlan = {
  url: RepositoryUrl;
  host: HostSoftware;
  apiUrl: string | null;
  credential: Credential;
  /** The key was made just now, so the host can't know it. */
  newKey: boolean;
};

export type Seen = {
  branches: number;
  tags: number;
  defaultBranch: string | null;
  hostKeys: string | null;
  /** false: the host could be reached, but nothing read, as it does not know the new key yet. */
  read: boolean;
};

/** @throws DomainError */
export function readUrl(text: string): RepositoryUrl {
  const url = parseRepositoryUrl(text.trim());
  if (isBadUrl(url)) throw new DomainError('bad_input', 'bad_url', url.message);
  return url;
}

/** @throws DomainError */
export async function planConnection(files: PrivateFiles, input: ConnectionInput): Promise<ConnectionPlan> {
  const url = readUrl(input.url);
  const host = input.host ?? guessHost(url);
  refuseOddAddress(host, url);
  const apiUrl = apiUrlOf(input.apiUrl, host, url);
  const signIn = checkCredential(url, host, input.credential);
  if (signIn) return { url, host, apiUrl, credential: signIn, newKey: false };
  const given = input.credential.secret;
  const credential = given ? await readSshKey(files, given) : await makeSshKey(files);
  return { url, host, apiUrl, credential, newKey: !given };
}

/** @throws DomainError when no repository at such a host can have the address */
export function refuseOddAddress(host: HostSoftware, url: RepositoryUrl): void {
  const problem = codeHostOf(host)?.address.problemWith?.(url);
  if (problem) throw new DomainError('bad_input', 'bad_url', problem);
}

/** Empty: none. Left out: the usual one. */
export function apiUrlOf(given: string | null | undefined, host: HostSoftware, url: RepositoryUrl): string | null {
  if (given === '') return null;
  return given == null ? usualApiUrl(host, url) : checkApiUrl(given);
}

/** Asks the host. @throws DomainError that says why it can't be had */
export function look(git: RemoteGit, connection: HostConnection, newKey: boolean): Promise<Seen> {
  return git.asking.run(() => lookNow(git, connection, newKey));
}

async function lookNow(git: RemoteGit, connection: HostConnection, newKey: boolean): Promise<Seen> {
  if (newKey) {
    const { hostKeys, problem } = await git.hostKeys(connection);
    if (hostKeys === null && problem) throw problem;
    return { branches: 0, tags: 0, defaultBranch: null, hostKeys, read: false };
  }
  const { refs, head, hostKeys } = await git.list(connection);
  const branches = [...refs.keys()].filter((ref) => ref.startsWith('refs/heads/')).length;
  const defaultBranch = refs.size > 0 ? head : null;
  return { branches, tags: refs.size - branches, defaultBranch, hostKeys, read: true };
}

const MAX_POLL_SECONDS = 24 * 60 * 60;

/** @param seconds left out: the usual; 0: never. @returns ms. @throws DomainError */
export function pollEveryMs(seconds: number | null | undefined): number | null {
  if (seconds == null) return POLL_EVERY_MS;
  if (seconds === 0) return null;
  if (seconds * 1000 >= LEAST_POLL_MS && seconds <= MAX_POLL_SECONDS) return seconds * 1000;
  throw new DomainError(
    'bad_input',
    'bad_polling',
    `A host is polled every ${LEAST_POLL_MS / 1000} to ${MAX_POLL_SECONDS} seconds, or never (0).`,
  );
}
