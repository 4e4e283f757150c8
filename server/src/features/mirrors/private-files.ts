import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHIPPED_ASKPASS = fileURLToPath(new URL('../../../git/askpass', import.meta.url));

/** A folder for one use, open to nobody else; gone with everything in it when it is disposed of. */
export type PrivateFolder = AsyncDisposable & {
  /** @returns its path; for its owner alone */
  write(name: string, text: string): Promise<string>;
  path(name: string): string;
};

/** Where credentials lie while git uses them: `<data folder>/git-private`, emptied at each start. */
export class PrivateFiles {
  private readonly root: string;
  /** Answers git's questions from its environment. */
  readonly askpass: string;

  constructor(dataDir: string) {
    this.root = join(dataDir, 'git-private');
    this.askpass = join(this.root, 'askpass');
  }

  /** Once, before anything else: what a killed server left is removed. */
  async open(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    await copyFile(SHIPPED_ASKPASS, this.askpass);
    await chmod(this.askpass, 0o700);
  }

  async folder(): Promise<PrivateFolder> {
    const folder = await mkdtemp(join(this.root, 'use-'));
    return {
      path: (name) => join(folder, name),
      write: async (name, text) => {
        await writeFile(join(folder, name), text, { mode: 0o600, flag: 'wx' });
        return join(folder, name);
      },
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    };
  }
}
