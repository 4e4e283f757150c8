import { readFile } from 'node:fs/promises';
import { DomainError } from '../../platform/errors.js';
import { type GitConfig, GitFailed, runGit } from '../../platform/git.js';
import { Slots } from '../../platform/slots.js';
import { formatRepositoryUrl } from '../repositories/repository-url.js';
import { scrub, secretsOf } from './credential.js';
import type { RefChange } from './ports.js';
import type { PrivateFiles } from './private-files.js';
import { type Asked, explainRemote, hostWords } from './remote-errors.js';
import { isDeletion, type Listing, parseListing } from './remote-refs.js';
import type { HostConnection, RemoteWay, RemoteWays } from './remote-way.js';

const LIST_TIMEOUT_MS = 90_000;
const FETCH_TIMEOUT_MS = 60 * 60_000;
const PUSH_TIMEOUT_MS = 10 * 60_000;
const ASKING_AT_ONCE = 4;
const MAX_ASKING = 50;
/** A million refs or so. */
const MAX_LIST_BYTES = 128 * 1024 * 1024;
const SMART_HTTP = /content-type: application\/x-git-upload-pack-advertisement/i;
const NO_HOOKS: GitConfig = { 'core.hooksPath': '/dev/null', 'safe.directory': '*' };

type Run = { gitDir?: string; input?: string; config?: GitConfig; timeoutMs: number; signal?: AbortSignal | undefined };
type Answer = { text: string; hostKeys: string | null };

/**
 * Git at a host. Whatever goes wrong there is a DomainError without a credential in it: neither git's own words nor its
 * arguments leave this class unscrubbed.
 */
export class RemoteGit {
  /** For questions that people ask: each may take as long and as much memory as a host likes to give it. */
  readonly asking = new Slots(ASKING_AT_ONCE, MAX_ASKING);
  private readonly stopped = new AbortController();

  constructor(
    private readonly ways: RemoteWays,
    private readonly files: PrivateFiles,
  ) {}

  /** Ends everything that talks to a host, for good: a silent host must not delay the end of the server, or outlive it. */
  stop(): void {
    this.stopped.abort();
  }

  /**
   * Its branches and tags, and the default branch, null where it tells none: of one moment. Git can ask for HEAD only along with all refs that a
   * host has, pull requests too. The host's key comes along as it was seen, for pinning it.
   */
  async list(connection: HostConnection, signal?: AbortSignal): Promise<Listing & Pick<Answer, 'hostKeys'>> {
    const { text, hostKeys } = await this.run(connection, (url) => ['ls-remote', '--quiet', '--symref', '--end-of-options', url], {
      timeoutMs: LIST_TIMEOUT_MS,
      signal,
    });
    const listing = await parseListing(text);
    if (listing.refs.size === 0 && connection.url.scheme !== 'ssh') await this.refuseWebPage(connection, signal);
    return { ...listing, hostKeys };
  }

  /** Key of an ssh host, also when it lets nobody in. @returns what went wrong after the key was shown, too */
  async hostKeys(connection: HostConnection): Promise<{ hostKeys: string | null; problem: DomainError | null }> {
    await using way = await this.ways.open(connection);
    const args = ['ls-remote', '--quiet', '--heads', '--end-of-options', way.url];
    const problem = await this.runOn(way, connection, args, { timeoutMs: LIST_TIMEOUT_MS }).then(
      () => null,
      (error: unknown) => {
        if (error instanceof DomainError) return error;
        throw error;
      },
    );
    return { hostKeys: await way.hostKeys(), problem };
  }

  /** Brings objects, or with `<ref>:<ref>` refs that no hook hears of, into a repository here. */
  async fetch(connection: HostConnection, gitDir: string, wanted: readonly string[], signal?: AbortSignal): Promise<void> {
    const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules', '--stdin'];
    await this.run(connection, (url) => ['fetch', ...options, '--end-of-options', url], {
      gitDir,
      input: `${wanted.join('\n')}\n`,
      timeoutMs: FETCH_TIMEOUT_MS,
      signal,
    });
  }

  /** @throws DomainError `ref_moved`, `host_refused` */
  async push(connection: HostConnection, gitDir: string, changes: readonly RefChange[]): Promise<void> {
    const leases = changes.map(({ ref, oldSha }) => `--force-with-lease=${ref}:${/^0+$/.test(oldSha) ? '' : oldSha}`);
    const specs = changes.map((change) => `${isDeletion(change) ? '' : change.newSha}:${change.ref}`);
    const atomic = changes.length > 1 ? ['--atomic'] : [];
    await this.run(connection, (url) => ['push', '--no-verify', '--no-progress', ...atomic, ...leases, '--end-of-options', url, ...specs], {
      gitDir,
      timeoutMs: PUSH_TIMEOUT_MS,
    });
  }

  /** Git takes any page that is served with 200, a sign-in form say, for an empty repository of its oldest HTTP protocol. */
  private async refuseWebPage(connection: HostConnection, signal: AbortSignal | undefined): Promise<void> {
    await using folder = await this.files.folder();
    const trace = await folder.write('trace', '');
    await using way = await this.ways.open(connection);
    const env = { ...way.env, GIT_TRACE_CURL: trace, GIT_TRACE_CURL_NO_DATA: '1' };
    await this.runOn({ ...way, env }, connection, ['ls-remote', '--quiet', '--heads', '--end-of-options', way.url], {
      timeoutMs: LIST_TIMEOUT_MS,
      signal,
    });
    if (!SMART_HTTP.test(await readFile(trace, 'utf8'))) throw explainRemote(askedOf(connection), 'not a git repository');
  }

  private async run(connection: HostConnection, argsFor: (url: string) => string[], options: Run): Promise<Answer> {
    await using way = await this.ways.open(connection);
    const text = await this.runOn(way, connection, argsFor(way.url), options);
    return { text, hostKeys: await way.hostKeys() };
  }

  private async runOn(way: RemoteWay, connection: HostConnection, args: string[], { config, signal, ...options }: Run): Promise<string> {
    try {
      return await runGit(args, {
        ...options,
        signal: signal ? AbortSignal.any([signal, this.stopped.signal]) : this.stopped.signal,
        wholeGroup: true,
        config: { ...NO_HOOKS, ...config, ...way.config },
        env: way.env,
        maxBytes: MAX_LIST_BYTES,
      });
    } catch (error) {
      if (!(error instanceof GitFailed)) throw error;
      throw faultOf(connection, error);
    }
  }
}

function faultOf(connection: HostConnection, failed: GitFailed): DomainError {
  const { url, credential } = connection;
  const said = scrub(failed.stderr, secretsOf(credential));
  if (/stale info|\[rejected\]/.test(said)) return refMoved();
  if (/\[remote rejected\]|pre-receive hook declined|failed to push some refs/.test(said))
    return hostRefused(url.hostname, hostWords(said));
  return explainRemote(askedOf(connection), failed.exitCode === null ? null : said);
}

const askedOf = ({ url, credential, hostKeys }: HostConnection): Asked => ({
  url: formatRepositoryUrl(url),
  hostname: url.hostname,
  credential: credential.kind,
  pinned: Boolean(hostKeys),
});

const refMoved = () =>
  new DomainError(
    'conflict',
    'ref_moved',
    'The branch has moved at the host in the meantime, so nothing was changed. Look at what is new there, then try again.',
  );

const hostRefused = (hostname: string, words: string) =>
  new DomainError('conflict', 'host_refused', `${hostname} refused the change, and nothing was changed. It says: ${words || 'nothing.'}`);
