import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout } from '@slipway/protocol';
import type { Sandbox, SandboxUser } from '../sandbox/sandbox.js';

export type JobRepositoryDeps = {
  sandbox: Pick<Sandbox, 'makeOwned'>;
  user: SandboxUser;
  /** Folder of the objects as seen inside of the sandbox. */
  objects: string;
  /** Its address: submodules with a relative one are found by it. */
  origin: string;
  /** Branches and tags of the mirror as `<sha> <name>`. */
  refs: string[];
};

/** Makes the `.git` of a job's working folder: its own to write in, with the mirror's objects to read. There must be none before. */
export async function makeJobRepository(workPath: string, { sha, ref, defaultBranch }: Checkout, deps: JobRepositoryDeps): Promise<void> {
  const folder = join(workPath, '.git');
  const isBranch = /^refs\/heads\/[^\s\0]+$/.test(ref);
  const others = deps.refs.map((line) => line.replace(' refs/heads/', ' refs/remotes/origin/'));
  const packed = isBranch ? [`${sha} ${ref}`, ...others] : others;
  const files: [path: string, text: string][] = [
    ['HEAD', isBranch ? `ref: ${ref}\n` : `${sha}\n`],
    ['config', configOf(deps.origin)],
    ['packed-refs', packed.map((line) => `${line}\n`).join('')],
    ['objects/info/alternates', `${deps.objects}\n`],
  ];
  if (others.some((line) => line.endsWith(` refs/remotes/origin/${defaultBranch}`)))
    files.push(['refs/remotes/origin/HEAD', `ref: refs/remotes/origin/${defaultBranch}\n`]);
  for (const each of ['.', 'refs', 'refs/remotes', 'refs/remotes/origin', 'objects', 'objects/info'])
    await deps.sandbox.makeOwned(join(folder, each), deps.user);
  for (const [path, text] of files) {
    await writeFile(join(folder, path), text);
    await giveTo(deps.user, join(folder, path));
  }
}

const configOf = (origin: string): string =>
  [
    '[core]',
    '\trepositoryformatversion = 0',
    '\tfilemode = true',
    '\tbare = false',
    '[remote "origin"]',
    `\turl = "${origin.replace(/["\\]/g, '\\$&')}"`,
    '\tfetch = +refs/heads/*:refs/remotes/origin/*',
    '',
  ].join('\n');

export async function giveTo(user: SandboxUser, path: string): Promise<void> {
  if (user) await chown(path, user.uid, user.gid);
}
