import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Checkout } from '@slipway/protocol';
import { shorten } from '@slipway/protocol';
import { GitFailed, git } from './git.js';
import { Infrastructure } from './job-failure.js';

const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 5_000;
/** How long a server that is away is waited for. Its restart, or its database's, must not fail a build. */
const GIVE_UP_MS = 10 * 60_000;
/** Each fetch leaves one pack. */
const TIDY_AT_PACKS = 40;

export type FetchFrom = { httpUrl: string; token: string; signal: AbortSignal };

/**
 * A bare copy of one repository on this agent, so that a checkout fetches only what is new. It belongs to the agent:
 * jobs read its objects and can write nothing in it. One fetch at a time.
 */
export class Mirror {
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(readonly folder: string) {}

  static at(mirrorsDir: string, repositoryId: string): Mirror {
    return new Mirror(join(mirrorsDir, `${repositoryId}.git`));
  }

  /**
   * Makes sure that the commit and all it needs are here, and branches and tags as they are at the server. Whether anything was asked for is
   * answered.
   * @throws Infrastructure when it can't be had
   */
  bring(checkout: Checkout, from: FetchFrom): Promise<{ fetched: boolean }> {
    return this.alone(async () => {
      await this.ensure();
      if ((await this.has(checkout.sha)) && (await this.hasRefs(checkout.refs))) return { fetched: false };
      await this.fetchPatiently(checkout, from);
      await writeFile(this.refsMark, checkout.refs ?? '');
      return { fetched: true };
    });
  }

  /** Branches and tags as `<sha> <name>`, for the job's own view of the repository. */
  async refs(): Promise<string[]> {
    const listed = await git(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/tags'], { cwd: this.folder });
    return listed.split('\n').filter(Boolean);
  }

  /** Joins the packs of many fetches. Jobs that read meanwhile find their objects again. What fails is tried again after the next job. */
  async tidy(): Promise<void> {
    const joining = this.alone(async () => {
      const packs = await readdir(join(this.folder, 'objects', 'pack')).catch(() => []);
      if (packs.filter((name) => name.endsWith('.pack')).length < TIDY_AT_PACKS) return;
      await git(['gc', '--quiet'], { cwd: this.folder });
    });
    await joining.catch((error) => {
      if (!(error instanceof GitFailed)) throw error;
    });
  }

  /** Says of which state of the server's refs the ones here are. */
  private get refsMark(): string {
    return join(this.folder, 'slipway-refs');
  }

  private async hasRefs(refs: string | null): Promise<boolean> {
    return refs === null || refs === (await readFile(this.refsMark, 'utf8').catch(() => null));
  }

  private alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work, work);
    this.queue = result.catch(() => {});
    return result;
  }

  private async ensure(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o755 });
    if ((await readdir(this.folder)).includes('HEAD')) return;
    await git(['init', '--quiet', '--bare', '--template=', '.'], { cwd: this.folder });
  }

  private async has(sha: string): Promise<boolean> {
    return git(['cat-file', '-e', `${sha}^{commit}`], { cwd: this.folder }).then(
      () => true,
      () => false,
    );
  }

  private async fetchPatiently(checkout: Checkout, from: FetchFrom): Promise<void> {
    const giveUpAt = Date.now() + GIVE_UP_MS;
    let isFresh = false;
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(MAX_RETRY_MS, waitMs * 2)) {
      try {
        return await this.fetch(checkout, from);
      } catch (error) {
        if (!(error instanceof GitFailed)) throw error;
        if (error.isTransient && Date.now() < giveUpAt) {
          await delay(waitMs, null, { signal: from.signal });
        } else if (error.isCorruption && !isFresh) {
          isFresh = true;
          await rm(this.folder, { recursive: true, force: true });
          await this.ensure();
        } else throw checkoutFailed(checkout, error);
      }
    }
  }

  /** The commit is asked for by name too: its branch may have moved on without it. */
  private async fetch({ path, sha }: Checkout, { httpUrl, token, signal }: FetchFrom): Promise<void> {
    const credential = Buffer.from(`job:${token}`).toString('base64');
    const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*', sha];
    await git(['fetch', '--quiet', '--prune', '--no-tags', '--no-write-fetch-head', new URL(path, httpUrl).href, ...refs], {
      cwd: this.folder,
      config: { 'http.extraHeader': `Authorization: Basic ${credential}` },
      signal,
    });
    if (!(await this.has(sha))) throw new GitFailed('fetch', `the server did not send commit ${sha}`);
  }
}

function checkoutFailed({ path, sha }: Checkout, cause: GitFailed): Infrastructure {
  return new Infrastructure('checkout_failed', `Commit ${shorten(sha, 10)} of ${path} could not be fetched: ${cause.stderr.trim()}`, {
    cause,
  });
}

/** At the agent's start: locks that an agent which was killed has left in its mirrors. */
export async function unlockMirrors(mirrorsDir: string): Promise<void> {
  await mkdir(mirrorsDir, { recursive: true, mode: 0o711 });
  const files = await readdir(mirrorsDir, { recursive: true, withFileTypes: true });
  const locks = files.filter((file) => file.isFile() && (file.name.endsWith('.lock') || file.name.startsWith('tmp_pack_')));
  for (const lock of locks) await rm(join(lock.parentPath, lock.name), { force: true });
}
