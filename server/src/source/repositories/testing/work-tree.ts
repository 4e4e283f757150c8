import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runGit } from '../../../platform/git.js';

const WHO = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.test',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.test',
};

/** A developer's clone on disk. */
export class WorkTree {
  private constructor(readonly folder: string) {}

  static async make(): Promise<WorkTree> {
    const tree = new WorkTree(await mkdtemp(join(tmpdir(), 'slipway-tree-')));
    await tree.git('init', '--quiet', '--initial-branch=main');
    return tree;
  }

  git(...args: string[]): Promise<string> {
    return runGit(args, { cwd: this.folder, env: WHO, timeoutMs: 60_000 });
  }

  /** What git and the other side print for people. */
  async said(...args: string[]): Promise<string> {
    const { stderr } = await promisify(execFile)('git', args, { cwd: this.folder, env: { ...process.env, ...WHO, LC_ALL: 'C' } });
    return stderr;
  }

  /** An object as it stands, whatever is wrong with it; a tree's bytes as latin-1. @returns its sha */
  async write(kind: 'commit' | 'tree' | 'blob', content: string): Promise<string> {
    const file = join(this.folder, 'object-to-write');
    await writeFile(file, content, 'latin1');
    const sha = await this.git('hash-object', '-t', kind, '-w', '--literally', file);
    await rm(file);
    return sha.trim();
  }

  /** @returns the new commit's sha */
  async commit(message: string, files: Record<string, string> = { 'file.txt': message }): Promise<string> {
    for (const [name, text] of Object.entries(files)) await writeFile(join(this.folder, name), text);
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '-m', message);
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  /** A history of `count` commits on `branch`, quickly. */
  async commitMany(branch: string, count: number): Promise<void> {
    const commits = Array.from(
      { length: count },
      (_, n) => `commit refs/heads/${branch}\ncommitter Ada <ada@example.test> ${1_700_000_000 + n} +0000\ndata <<E\ncommit ${n}\nE\n`,
    );
    await runGit(['fast-import', '--quiet'], { cwd: this.folder, input: `${commits.join('')}done\n`, timeoutMs: 60_000 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
