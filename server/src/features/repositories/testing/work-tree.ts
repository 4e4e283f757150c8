import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
