import type { Database } from '../../../platform/database.js';
import { DomainError } from '../../../platform/errors.js';
import { GitFailed, runGit } from '../../../platform/git.js';
import type { Slots } from '../../../platform/slots.js';
import type { RepositoryStore } from '../../repositories/repository-store.js';
import type { AheadBehind } from '../ahead-behind.js';
import { branchRepository } from '../branch-repository.js';
import { mustResolve } from '../revision.js';
import { changedFiles, type FileChange, MAX_PATH_CHARACTERS, withLineCounts } from './changed-files.js';
import { type FilePatch, filePatch } from './file-patch.js';

export type Comparison = {
  repositoryId: string;
  baseSha: string;
  headSha: string;
  /** null: the histories have nothing in common. */
  mergeBaseSha: string | null;
  /** Of the head against the base; null: not to be counted. */
  ahead: number | null;
  behind: number | null;
};

export type ComparedFiles = { files: FileChange[] /** Of all files, truncated ones not counted. */; total: number; truncated: boolean };

export type CompareDeps = { db: Database; store: RepositoryStore; aheadBehind: AheadBehind; slots: Slots };

/** What one revision has that another does not. Names are resolved once: all later questions are about the commits that were found. */
export class CompareRevisions {
  constructor(private readonly deps: CompareDeps) {}

  /** @throws DomainError when there is no such revision */
  async compare(repositoryId: string, base: string, head: string): Promise<Comparison> {
    await branchRepository(this.deps.db, repositoryId);
    const gitDir = this.deps.store.folder(repositoryId);
    const [baseSha, headSha] = await this.deps.slots.run(() => mustResolve(gitDir, [base, head] as const));
    const mergeBaseSha = await this.deps.slots.run(() => mergeBase(gitDir, baseSha, headSha));
    const apart = mergeBaseSha ? await this.deps.aheadBehind.of(gitDir, headSha, baseSha) : null;
    return { repositoryId, baseSha, headSha, mergeBaseSha, ahead: apart?.ahead ?? null, behind: apart?.behind ?? null };
  }

  /** Shas that the head reaches and the base does not, newest first. */
  commits({ repositoryId, baseSha, headSha }: Comparison, skip: number, limit: number): Promise<string[]> {
    const range = ['--end-of-options', headSha, `^${baseSha}`, '--'];
    return this.deps.slots.run(async () =>
      (await runGit(['rev-list', `--skip=${skip}`, `--max-count=${limit}`, ...range], { gitDir: this.folder(repositoryId) }))
        .split('\n')
        .filter((line) => line !== ''),
    );
  }

  /** What the head's side changed since the two parted; without a common commit, all differences. */
  files(comparison: Comparison, skip: number, limit: number): Promise<ComparedFiles> {
    const { from, to, gitDir } = this.sides(comparison);
    return this.deps.slots.run(async () => {
      const { files, truncated } = await changedFiles(gitDir, from, to);
      return { files: await withLineCounts(gitDir, from, to, files.slice(skip, skip + limit)), total: files.length, truncated };
    });
  }

  patch(comparison: Comparison, path: string, oldPath: string | null): Promise<FilePatch> {
    for (const each of [path, oldPath ?? path]) if (!isPath(each)) throw badPath();
    const { from, to, gitDir } = this.sides(comparison);
    return this.deps.slots.run(() => filePatch(gitDir, from, to, path, oldPath));
  }

  private sides({ repositoryId, baseSha, headSha, mergeBaseSha }: Comparison) {
    return { from: mergeBaseSha ?? baseSha, to: headSha, gitDir: this.folder(repositoryId) };
  }

  private folder(repositoryId: string): string {
    return this.deps.store.folder(repositoryId);
  }
}

/** The best common ancestor, or one of several as good; null: there is none. */
export async function mergeBase(gitDir: string, one: string, other: string): Promise<string | null> {
  try {
    return (await runGit(['merge-base', one, other], { gitDir })).trim();
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === 1) return null;
    throw error;
  }
}

const isPath = (path: string): boolean =>
  path.length <= MAX_PATH_CHARACTERS && !path.includes('\0') && path.split('/').every((part) => !['', '.', '..'].includes(part));

const badPath = () => new DomainError('bad_input', 'bad_path', 'This is not the path of a file. Use one from the list of changed files.');
