import { DomainError } from '../../platform/errors.js';
import { GitFailed, runGit } from '../../platform/git.js';
import type { Mirrors, RefChange } from '../mirrors/ports.js';
import type { PushIngest } from '../repositories/pushes/ingest-pushes.js';
import { isZero } from '../repositories/pushes/receive-journal.js';
import type { RepositoryStore } from '../repositories/repository-store.js';
import type { BranchRepository } from './branch-repository.js';

/**
 * Moves refs, all or none, each only from its old sha; afterwards rows and runs are as after any push.
 * @throws DomainError `ref_moved` when a ref is not where it was seen
 */
export type ChangeRefs = (
  repository: Pick<BranchRepository, 'id' | 'kind'>,
  changes: readonly RefChange[],
  userId: string,
) => Promise<void>;

export type ChangeRefsDeps = {
  store: RepositoryStore;
  pushes: Pick<PushIngest, 'ingest'>;
  /** Left out where nothing can be changed at code hosts. */
  mirrors?: Pick<Mirrors, 'push'> | undefined;
};

/** Git waits so long for the lock of somebody who changes the same ref at the moment. */
const LOCK_TIMEOUT_MS = '2000';

export function changeRefsWith({ store, pushes, mirrors }: ChangeRefsDeps): ChangeRefs {
  return async ({ id, kind }, changes, userId) => {
    if (kind === 'hosted') await changeHosted(store, id, changes, userId);
    else if (mirrors) await mirrors.push(id, changes);
    else throw notAtHost();
    await pushes.ingest(id);
  };
}

/** Refs and shas go in by NUL-ended fields on standard input: no name can be an option, or another command. */
async function changeHosted(store: RepositoryStore, id: string, changes: readonly RefChange[], userId: string): Promise<void> {
  const gitDir = store.folder(id);
  const { config, env } = store.writing(userId);
  const input = changes.map(commandOf).join('');
  try {
    await runGit(['update-ref', '--stdin', '-z'], {
      gitDir,
      env,
      input,
      config: { ...config, 'core.filesRefLockTimeout': LOCK_TIMEOUT_MS },
    });
  } catch (error) {
    throw error instanceof GitFailed ? ((await whyNot(gitDir, changes)) ?? error) : error;
  }
}

function commandOf({ ref, oldSha, newSha }: RefChange): string {
  if (!/^refs\/[^\0\n]+$/.test(ref)) throw new Error(`${JSON.stringify(ref)} is not a ref that can be changed.`);
  return isZero(newSha) ? `delete ${ref}\0${oldSha}\0` : `update ${ref}\0${newSha}\0${oldSha}\0`;
}

/** Git says it in prose that differs by version; the refs say it better. */
async function whyNot(gitDir: string, changes: readonly RefChange[]): Promise<DomainError | null> {
  for (const { ref, oldSha, newSha } of changes) {
    const now = await shaOf(gitDir, ref);
    if ((now ?? '0') !== (isZero(oldSha) ? '0' : oldSha)) return refMoved(ref);
    const inTheWay = isZero(oldSha) && !isZero(newSha) ? await nameInTheWay(gitDir, ref) : null;
    if (inTheWay) return nameTaken(ref, inTheWay);
  }
  return null;
}

async function shaOf(gitDir: string, ref: string): Promise<string | null> {
  const [line = ''] = (await runGit(['cat-file', '--batch-check=%(objectname)'], { gitDir, input: `${ref}\n` })).split('\n');
  return line.endsWith(' missing') ? null : line;
}

/** Git keeps refs like files: there can't be both `a` and `a/b`. */
async function nameInTheWay(gitDir: string, ref: string): Promise<string | null> {
  const [below] = (await runGit(['for-each-ref', '--count=1', '--format=%(refname)', `${ref}/`], { gitDir })).split('\n');
  if (below) return below;
  const parts = ref.split('/');
  for (let length = 3; length < parts.length; length++) {
    const above = parts.slice(0, length).join('/');
    if (await shaOf(gitDir, above)) return above;
  }
  return null;
}

const shortOf = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, '');

const refMoved = (ref: string) =>
  new DomainError(
    'conflict',
    'ref_moved',
    `"${shortOf(ref)}" has just changed, so nothing was done. Look at it again, then repeat what you meant to do.`,
  );

const nameTaken = (ref: string, by: string) =>
  new DomainError(
    'conflict',
    'branch_name_taken',
    `There can't be a branch "${shortOf(ref)}" beside "${shortOf(by)}": one name would be a folder of the other. Choose another name.`,
  );

const notAtHost = () =>
  new DomainError(
    'unavailable',
    'external_repository',
    'This repository lives at a code host, and this server is not set up to change branches there. Push to the host instead.',
  );
