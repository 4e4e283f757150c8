import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive, nameOfThisProcess } from '../../platform/process-name.js';
import { endProcessesOf } from './end-processes.js';

const MARK = 'SLIPWAY_GIT_PRIVATE';
const SHIPPED_ASKPASS = fileURLToPath(new URL('../../../git/askpass', import.meta.url));

/** A folder for one use, open to nobody else; gone with everything in it when it is disposed of. */
export type PrivateFolder = AsyncDisposable & {
  /** @returns its path; for its owner alone */
  write(name: string, text: string): Promise<string>;
  path(name: string): string;
};

/**
 * Where credentials lie while git uses them: `<data folder>/git-private/<process of the server>`, so that servers that share a data folder
 * leave each other's alone.
 */
export class PrivateFiles {
  private readonly root: string;
  private readonly own: string;
  /** Answers git's questions from its environment. */
  readonly askpass: string;
  /** In the environment of every process that talks to a host, so that those that outlive their server are known. */
  readonly mark: Record<string, string>;

  constructor(dataDir: string) {
    this.root = join(dataDir, 'git-private');
    this.own = join(this.root, nameOfThisProcess());
    this.askpass = join(this.own, 'askpass');
    this.mark = { [MARK]: this.own };
  }

  /** Once, before anything else: what killed servers left is removed, and the processes that they had talking to hosts are ended. */
  async open(): Promise<void> {
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.root)) if (!isAlive(name)) await clearAfter(join(this.root, name));
    await rm(this.own, { recursive: true, force: true });
    await mkdir(this.own, { mode: 0o700 });
    await copyFile(SHIPPED_ASKPASS, this.askpass);
    await chmod(this.askpass, 0o700);
  }

  async folder(): Promise<PrivateFolder> {
    const folder = await mkdtemp(join(this.own, 'use-'));
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

async function clearAfter(folder: string): Promise<void> {
  await endProcessesOf(`${MARK}=${folder}`);
  await rm(folder, { recursive: true, force: true });
}
