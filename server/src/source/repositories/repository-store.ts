import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NAME_PATTERN_MODULE } from '@slipway/protocol';
import { type GitConfig, runGit } from '../../platform/git.js';
import { isWorkedIn } from '../../platform/git-at-work.js';
import type { PushRule } from '../branches/rules/push-rules.js';

const SHIPPED_HOOKS = fileURLToPath(new URL('../../../hooks/', import.meta.url));
const HOOKS = ['pre-receive', 'reference-transaction', 'post-receive', 'git-process', 'check-branch-rules.mjs'];
const DAY_MS = 24 * 60 * 60_000;
const STALE_LOCK_MS = 10 * 60_000;
const GC_TIMEOUT_MS = 60 * 60_000;

/** In force in every repository, above its own configuration file. */
const ALWAYS: GitConfig = {
  'safe.directory': '*',
  'core.fsmonitor': 'false',
  'gc.auto': '6700',
  // Commits that a forced push left behind stay: runs, releases and rollbacks name them.
  'gc.pruneExpire': 'never',
};

/**
 * Old but harmless faults of authors, dates and modes that many real histories carry, and that code hosts take. Git has no name that stands for
 * all of them: `git help fsck` lists them.
 */
const HARMLESS = [
  'badDate',
  'badDateOverflow',
  'badEmail',
  'badName',
  'badTimezone',
  'missingEmail',
  'missingNameBeforeEmail',
  'missingSpaceBeforeDate',
  'missingSpaceBeforeEmail',
  'multipleAuthors',
  'zeroPaddedDate',
  'zeroPaddedFilemode',
];

/** Settings under which `git receive-pack` or `git fetch` takes harmless faults. */
export function forgiven(by: 'receive' | 'fetch'): GitConfig {
  return Object.fromEntries(HARMLESS.map((fault) => [`${by}.fsck.${fault}`, 'ignore']));
}

/** What a client may do over HTTP, and how strictly what it sends is looked at. */
const SERVING: GitConfig = {
  'http.receivepack': 'true',
  'http.uploadpack': 'true',
  'http.getanyfile': 'false',
  'transfer.fsckObjects': 'true',
  'receive.advertisePushOptions': 'true',
  ...forgiven('receive'),
  'transfer.hideRefs': 'refs/slipway',
  'receive.denyDeleteCurrent': 'refuse',
  'receive.autogc': 'false',
  'receive.updateServerInfo': 'false',
  'uploadpack.allowFilter': 'true',
  'uploadpack.hideRefs': 'refs/slipway',
};

/** The hosted repositories of this server: bare ones under `<root>/<repository id>.git`, and the hooks that all of them run. */
export class RepositoryStore {
  readonly root: string;
  private readonly hooks: string;

  constructor(dataDir: string) {
    this.root = join(dataDir, 'repositories');
    this.hooks = join(dataDir, 'git-hooks');
  }

  /** Once, before anything else. The hooks are copied, so that they are executable and stay one version until the next start. */
  async open(): Promise<void> {
    await mkdir(this.root, { recursive: true });
    await mkdir(this.hooks, { recursive: true });
    for (const name of HOOKS) {
      const draft = join(this.hooks, `.${name}.${process.pid}`);
      await copyFile(join(SHIPPED_HOOKS, name), draft);
      await chmod(draft, 0o755);
      await rename(draft, join(this.hooks, name));
    }
  }

  folder(repositoryId: string): string {
    return join(this.root, `${repositoryId}.git`);
  }

  /** May be repeated. */
  async init(repositoryId: string): Promise<void> {
    const gitDir = this.folder(repositoryId);
    await runGit(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', gitDir], { config: ALWAYS });
  }

  async remove(repositoryId: string): Promise<void> {
    await rm(this.folder(repositoryId), { recursive: true, force: true });
  }

  /** For git processes that change refs in the name of `pusher`: with the hook that writes the journal. */
  writing(pusher: string | null): { config: GitConfig; env: Record<string, string> } {
    return { config: { ...ALWAYS, 'core.hooksPath': this.hooks }, env: { SLIPWAY_PUSHER: pusher ?? 'slipway' } };
  }

  /** For git processes that bring what is new at a code host; `import` the first time. The journal says so of each ref. */
  fetching(cause: 'fetch' | 'import'): { config: GitConfig; env: Record<string, string> } {
    return this.writing(cause);
  }

  /** For git processes that serve a client. Without its rules the hook takes no push. */
  serving(
    pusher: string | null,
    options: { anySha: boolean; rules: readonly PushRule[] /** Address to which a sha is added. */; pushedPage: string },
  ): { config: GitConfig; env: Record<string, string> } {
    const { config, env } = this.writing(pusher);
    return {
      config: { ...config, ...SERVING, 'uploadpack.allowAnySHA1InWant': String(options.anySha) },
      env: {
        ...env,
        SLIPWAY_BRANCH_RULES: JSON.stringify(options.rules),
        SLIPWAY_PUSHED_PAGE: options.pushedPage,
        SLIPWAY_NODE: process.execPath,
        SLIPWAY_NAME_PATTERN: NAME_PATTERN_MODULE,
      },
    };
  }

  /** Makes `branch` what a clone checks out. */
  async setHead(repositoryId: string, branch: string): Promise<void> {
    const ref = `refs/heads/${branch}`;
    const head = await readFile(join(this.folder(repositoryId), 'HEAD'), 'utf8');
    if (head.trimEnd() === `ref: ${ref}`) return;
    await runGit(['symbolic-ref', 'HEAD', ref], {
      gitDir: this.folder(repositoryId),
      config: { ...ALWAYS, 'core.hooksPath': '/dev/null' },
    });
  }

  /** Packs what has piled up, when it is worth it. Without the hook: packing refs changes none. */
  async pack(repositoryId: string, signal: AbortSignal): Promise<void> {
    const config = { ...ALWAYS, 'core.hooksPath': '/dev/null', 'gc.autoDetach': 'false' };
    await runGit(['gc', '--auto', '--quiet'], { gitDir: this.folder(repositoryId), config, timeoutMs: GC_TIMEOUT_MS, signal });
  }

  /**
   * What a killed git left behind: half-received objects and packs, and locks that nobody holds. One that was killed while it moved
   * thousands of refs leaves as many, and names only some of them in the journal. While somebody is at work here, only what is old goes.
   */
  async prune(repositoryId: string, now: number): Promise<void> {
    const gitDir = this.folder(repositoryId);
    const [locks, halves] = [await locksOf(gitDir), await halfReceived(gitDir)];
    if (locks.length + halves.length === 0) return;
    const isBusy = await isWorkedIn(gitDir);
    for (const lock of locks) await removeOlder(lock, isBusy ? now - STALE_LOCK_MS : now);
    for (const half of halves) await removeOlder(half, isBusy ? now - DAY_MS : now);
  }
}

/** Listed before it is looked who is at work, so that whoever comes later has made none of them. */
async function locksOf(gitDir: string): Promise<string[]> {
  const refs = await readdir(join(gitDir, 'refs'), { recursive: true }).catch(() => []);
  const locks = ['HEAD.lock', 'packed-refs.lock', ...refs.filter((name) => name.endsWith('.lock')).map((name) => join('refs', name))];
  return locks.map((lock) => join(gitDir, lock)).filter((lock) => existsSync(lock));
}

/** Of pushes, and of fetches. Git itself would keep the latter for as long as it keeps unreachable objects, which is for ever here. */
async function halfReceived(gitDir: string): Promise<string[]> {
  const found = async (folder: string, prefix: string) =>
    (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(prefix)).map((name) => join(folder, name));
  const objects = join(gitDir, 'objects');
  return [...(await found(objects, 'tmp_objdir-incoming-')), ...(await found(join(objects, 'pack'), 'tmp_'))];
}

async function removeOlder(path: string, than: number): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found && found.mtimeMs < than) await rm(path, { recursive: true, force: true });
}
