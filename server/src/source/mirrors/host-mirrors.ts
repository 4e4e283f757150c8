import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { runGit } from '../../platform/git.js';
import { codeHostOf } from '../code-hosts/code-hosts.js';
import type { HostApi } from '../code-hosts/host-api.js';
import type { HostSoftware } from '../code-hosts/host-kinds.js';
import type { RepositoryStore } from '../repositories/repository-store.js';
import { isBadUrl, parseRepositoryUrl, type RepositoryUrl } from '../repositories/repository-url.js';
import type { MirrorFetcher } from './mirror-fetcher.js';
import type { Mirror, MirrorStore } from './mirror-store.js';
import type { Mirrors, PullRequestSource, RefChange } from './ports.js';
import type { RemoteGit } from './remote-git.js';
import { isRefName } from './remote-refs.js';
import type { HostConnection } from './remote-way.js';

export type HostMirrorsDeps = { db: Database; store: RepositoryStore; mirrors: MirrorStore; fetcher: MirrorFetcher; git: RemoteGit };

/** The copies here of repositories at code hosts, for other rooms. */
export class HostMirrors implements Mirrors {
  constructor(private readonly deps: HostMirrorsDeps) {}

  async requestFetch(tx: Tx, repositoryId: string): Promise<void> {
    if ((await this.deps.mirrors.want(tx, repositoryId)) !== null) tx.afterCommit(() => this.deps.fetcher.wake());
  }

  async fetchNow(repositoryId: string): Promise<void> {
    const wanted = await this.deps.mirrors.want(this.deps.db, repositoryId);
    if (wanted !== null) await this.deps.fetcher.until(repositoryId, wanted);
  }

  async fetchPullRequestHead(repositoryId: string, source: PullRequestSource): Promise<string> {
    const { store, git } = this.deps;
    const [mirror, gitDir] = [await this.mirror(repositoryId), store.folder(repositoryId)];
    const ref = `refs/slipway/pulls/${Math.trunc(source.number)}/head`;
    const there = await shaOf(gitDir, ref);
    if (there?.startsWith(source.headSha)) return there;
    const { connection, from } = whereIs(mirror, source);
    await git.fetch(connection, gitDir, [`+${from}:${ref}`]);
    const sha = await shaOf(gitDir, ref);
    if (!sha?.startsWith(source.headSha)) throw headMoved(source);
    return sha;
  }

  async push(repositoryId: string, changes: readonly RefChange[]): Promise<void> {
    if (changes.length === 0) return;
    const mirror = await this.mirror(repositoryId);
    await this.deps.git.push(mirror.connection, this.deps.store.folder(repositoryId), changes);
    await this.fetchNow(repositoryId);
  }

  async hostApi(repositoryId: string): Promise<HostApi | null> {
    const mirror = await this.deps.mirrors.find(repositoryId);
    if (!mirror || mirror.host === 'other' || mirror.apiUrl === null) return null;
    const { url, credential } = mirror.connection;
    if (credential.kind !== 'token' && credential.kind !== 'password') return null;
    const api = { host: mirror.host, apiUrl: mirror.apiUrl, path: url.path.replace(/\.git$/, '') };
    if (credential.kind === 'token') return { ...api, credential: { kind: 'token', token: credential.token } };
    return { ...api, credential: { kind: 'password', username: credential.username, password: credential.password } };
  }

  webhookSecret(repositoryId: string): Promise<{ host: HostSoftware; secret: string } | null> {
    return this.deps.mirrors.webhookSecret(repositoryId);
  }

  private async mirror(repositoryId: string): Promise<Mirror> {
    const mirror = await this.deps.mirrors.find(repositoryId);
    if (!mirror) throw notFound('external repository', repositoryId);
    return mirror;
  }
}

function whereIs(mirror: Mirror, source: PullRequestSource): { connection: HostConnection; from: string } {
  const shown = codeHostOf(mirror.host)?.pullRequests.headRef(source.number);
  if (shown) return { connection: mirror.connection, from: shown };
  const from = `refs/heads/${source.sourceBranch}`;
  if (!isRefName(from)) throw badBranch(source);
  return { connection: source.sourceUrl === null ? mirror.connection : wayToFork(mirror, source.sourceUrl), from };
}

/** The credential goes to the host that it is for, and to no other that a pull request may name. */
function wayToFork({ connection }: Mirror, sourceUrl: string): HostConnection {
  const url = parseRepositoryUrl(sourceUrl);
  if (isBadUrl(url)) throw new DomainError('bad_input', 'bad_url', `The source of the pull request can't be fetched. ${url.message}`);
  if (isSameHost(url, connection.url)) return { ...connection, url };
  return { url, credential: { kind: 'none' }, hostKeys: null };
}

export const isSameHost = (a: RepositoryUrl, b: RepositoryUrl): boolean =>
  a.scheme === b.scheme && a.hostname.toLowerCase() === b.hostname.toLowerCase() && a.port === b.port && a.user === b.user;

async function shaOf(gitDir: string, ref: string): Promise<string | null> {
  return (await runGit(['for-each-ref', '--format=%(objectname)', ref], { gitDir })).trim() || null;
}

const badBranch = ({ number }: PullRequestSource) =>
  new DomainError('bad_input', 'bad_branch', `Pull request ${number} names a branch that can't be the name of one, so it is not fetched.`);

const headMoved = ({ number, headSha }: PullRequestSource) =>
  new DomainError('conflict', 'head_moved', `Pull request ${number} is no longer at ${headSha}; Slipway will take up the newer commit.`);
