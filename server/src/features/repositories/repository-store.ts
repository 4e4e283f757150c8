import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GitConfig, runGit } from '../../platform/git.js';
import type { PushRule } from '../branches/rules/push-rules.js';
import { NAME_PATTERN_MODULE } from '../pipelines/name-pattern.js';

const SHIPPED_HOOKS = fileURLToPath(new URL('../../../hooks/', import.meta.url));
const HOOKS = ['pre-receive', 'reference-transaction', 'check-branch-rules.mjs'];
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

/** What a client may do over HTTP, and how strictly what it sends is looked at. */
const SERVING: GitConfig = {
  'http.receivepack': 'true',
  'http.uploadpack': 'true',
  'http.getanyfile': 'false',
  'transfer.fsckObjects': 'true',
  // Old but harmless faults that many real histories carry.
  'receive.fsck.zeroPaddedFilemode': 'ignore',
  'receive.fsck.badTimezone': 'ignore',
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
    options: { anySha: boolean; rules: readonly PushRule[] },
  ): { config: GitConfig; env: Record<string, string> } {
    const { config, env } = this.writing(pusher);
    return {
      config: { ...config, ...SERVING, 'uploadpack.allowAnySHA1InWant': String(options.anySha) },
      env: {
        ...env,
        SLIPWAY_BRANCH_RULES: JSON.stringify(options.rules),
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

  /** What killed pushes left behind: half-received objects older than a day, locks that no git can still hold. */
  async prune(repositoryId: string, now: number): Promise<void> {
    const gitDir = this.folder(repositoryId);
    const objects = join(gitDir, 'objects');
    for (const name of await readdir(objects).catch(() => [])) {
      if (name.startsWith('tmp_objdir-incoming-')) await removeOlder(join(objects, name), now - DAY_MS);
    }
    const refs = await readdir(join(gitDir, 'refs'), { recursive: true }).catch(() => []);
    const locks = ['HEAD.lock', 'packed-refs.lock', ...refs.filter((name) => name.endsWith('.lock')).map((name) => join('refs', name))];
    for (const lock of locks) await removeOlder(join(gitDir, lock), now - STALE_LOCK_MS);
  }
}

async function removeOlder(path: string, than: number): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found && found.mtimeMs < than) await rm(path, { recursive: true, force: true });
}
