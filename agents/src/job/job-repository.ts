import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout } from '@slipway/protocol';
import type { Sandbox, SandboxUser } from '../sandbox/sandbox.js';

export type JobRepositoryDeps = {
  sandbox: Pick<Sandbox, 'makeOwned'>;
  user: SandboxUser;
  /** Folder of the objects as seen inside of the sandbox. */
  objects: string;
  /** Branches and tags of the mirror as `<sha> <name>`. */
  refs: string[];
};

/** Makes the `.git` of a job's working folder: its own to write in, with the mirror's objects to read. There must be none before. */
export async function makeJobRepository(workPath: string, { sha, ref }: Checkout, deps: JobRepositoryDeps): Promise<void> {
  const folder = join(workPath, '.git');
  const isBranch = /^refs\/heads\/[^\s\0]+$/.test(ref);
  const others = deps.refs.map((line) => line.replace(' refs/heads/', ' refs/remotes/origin/'));
  const packed = isBranch ? [`${sha} ${ref}`, ...others] : others;
  const files: [path: string, text: string][] = [
    ['HEAD', isBranch ? `ref: ${ref}\n` : `${sha}\n`],
    ['config', '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n'],
    ['packed-refs', packed.map((line) => `${line}\n`).join('')],
    ['objects/info/alternates', `${deps.objects}\n`],
  ];
  for (const each of ['.', 'refs', 'objects', 'objects/info']) await deps.sandbox.makeOwned(join(folder, each), deps.user);
  for (const [path, text] of files) {
    await writeFile(join(folder, path), text);
    await giveTo(deps.user, join(folder, path));
  }
}

export async function giveTo(user: SandboxUser, path: string): Promise<void> {
  if (user) await chown(path, user.uid, user.gid);
}
