import { shorten } from '@slipway/protocol';
import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { GitFailed, runGit } from '../../platform/git.js';
import type { PushIngest } from '../repositories/pushes/ingest-pushes.js';
import { isZero } from '../repositories/pushes/receive-journal.js';
import type { RepositoryStore } from '../repositories/repository-store.js';
import type { Mirror } from './mirror-store.js';
import type { RefChange } from './ports.js';
import type { RemoteGit } from './remote-git.js';
import { changesBetween, inTransactions, isDeletion, type Listing, parseListing, type Refs, updateRefInput } from './remote-refs.js';

export type BringOverDeps = {
  db: Database;
  store: RepositoryStore;
  pushes: Pick<PushIngest, 'ingest'>;
  /** Told of a repository after something new came, to pack it when it is worth it. */
  fetched(repositoryId: string): void;
  git: RemoteGit;
};

const UPDATE_TIMEOUT_MS = 5 * 60_000;
const MAX_TRIES = 3;
const MAX_EXAMPLE_CHARACTERS = 100;

/**
 * Makes the folder here, and then the rows, equal to the branches and tags at the host. Objects come first, without a ref;
 * then the refs move in a transaction of Git's own, whose hook writes each move to the journal with the sha it moves from.
 * (`git fetch` would do both in one, but tells its hook neither what it prunes nor where a tag was.) Dying anywhere in
 * between, it is only done again. When nothing is new it costs one listing.
 */
export async function bringOver(deps: BringOverDeps, mirror: Mirror, signal: AbortSignal): Promise<void> {
  await deps.store.init(mirror.repositoryId);
  for (let tries = 1; ; tries++) {
    try {
      return await bringOverOnce(deps, mirror, signal);
    } catch (error) {
      if (tries === MAX_TRIES || !movedMeanwhile(error)) throw error;
      await deps.store.prune(mirror.repositoryId, Date.now());
    }
  }
}

/** At the host, or here by a push through Slipway: another look finds how things stand. */
const movedMeanwhile = (error: unknown): boolean =>
  (error instanceof DomainError && error.code === 'remote_moved') ||
  (error instanceof GitFailed && /cannot lock ref|but expected|reference already exists/.test(error.stderr));

async function bringOverOnce(deps: BringOverDeps, mirror: Mirror, signal: AbortSignal): Promise<void> {
  const { store, git, pushes } = deps;
  const { repositoryId, connection } = mirror;
  const gitDir = store.folder(repositoryId);
  const { refs: there, head, leftOut } = await git.list(connection, signal);
  await noteLeftOut(deps, repositoryId, leftOut);
  const here = await refsOf(gitDir);
  refuseEmptied(here, there);
  const changes = changesBetween(here, there);
  const wanted = [...new Set(changes.filter((change) => !isDeletion(change)).map(({ newSha }) => newSha))];
  if (wanted.length > 0) await fetchObjects(deps, mirror, wanted, signal);
  if (head !== null && there.has(`refs/heads/${head}`)) await followDefaultBranch(deps, repositoryId, head);
  else await forgetDefaultBranch(deps, repositoryId, there);
  for (const [cause, some] of byCause(changes, mirror.imported))
    for (const transaction of inTransactions(some)) await moveRefs(store, gitDir, transaction, cause);
  await pushes.ingest(repositoryId);
  if (changes.length > 0) deps.fetched(repositoryId);
}

/** Whoever looks for a branch that the host has learns why it is not here. */
async function noteLeftOut({ db }: BringOverDeps, repositoryId: string, leftOut: Listing['leftOut']): Promise<void> {
  const sentence = leftOut && leftOutSentence(leftOut.count, leftOut.example);
  await db.query('update mirrors set left_out = $2 where repository_id = $1 and left_out is distinct from $2', [repositoryId, sentence]);
}

function leftOutSentence(count: number, example: string): string {
  const name = JSON.stringify(shorten(example, MAX_EXAMPLE_CHARACTERS, '…'));
  const which =
    count === 1
      ? `One branch or tag at the host is left out: ${name}.`
      : `${count} branches or tags at the host are left out, such as ${name}.`;
  return `${which} Slipway keeps only names that are valid for Git, are UTF-8 without spaces, and are at most 1,000 bytes long. Rename what you need at the host.`;
}

/** A pack that did not come whole stays where it is: on a full disk, each try would take more of it. */
async function fetchObjects({ git, store }: BringOverDeps, mirror: Mirror, wanted: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await git.fetch(mirror.connection, store.folder(mirror.repositoryId), wanted, signal);
  } catch (error) {
    await store.prune(mirror.repositoryId, Date.now());
    throw error;
  }
}

async function refsOf(gitDir: string): Promise<Refs> {
  const format = '--format=%(objectname)%09%(refname)';
  const listing = await runGit(['for-each-ref', format, 'refs/heads', 'refs/tags'], { gitDir, maxBytes: 512 * 1024 * 1024 });
  return (await parseListing(listing)).refs;
}

/** A host that lost its data, or another repository in the place of the old one, must not take everything away here as well. */
function refuseEmptied(here: Refs, there: Refs): void {
  const branches = (refs: Refs) => [...refs.keys()].filter((ref) => ref.startsWith('refs/heads/')).length;
  if (branches(here) === 0 || branches(there) > 0) return;
  throw new DomainError(
    'conflict',
    'emptied',
    `The host says that the repository no longer has any branch. Slipway keeps the ${branches(here)} that it knows and goes on asking. Push them to the host again, or change the address if the repository has moved.`,
  );
}

/** The first time, also after a death in between, what is not here yet is an import: it must not start a run for each of thousands of branches. */
function byCause(changes: readonly RefChange[], imported: boolean): ['import' | 'fetch', RefChange[]][] {
  const isImport = ({ oldSha }: RefChange) => !imported && isZero(oldSha);
  return [
    ['fetch', changes.filter((change) => !isImport(change))],
    ['import', changes.filter(isImport)],
  ];
}

async function moveRefs(store: RepositoryStore, gitDir: string, changes: readonly RefChange[], cause: 'import' | 'fetch'): Promise<void> {
  const options = { gitDir, input: updateRefInput(changes), timeoutMs: UPDATE_TIMEOUT_MS };
  await runGit(['update-ref', '--stdin'], { ...options, ...store.fetching(cause) });
}

/** Before the refs move: ingesting takes the first branch it sees for the default where none is known. */
async function followDefaultBranch({ db, store }: BringOverDeps, repositoryId: string, branch: string): Promise<void> {
  await store.setHead(repositoryId, branch);
  await db.transaction(async (tx) => {
    const [moved] = await tx.query<{ projectId: string }>(
      'update repositories set default_branch = $2 where id = $1 and default_branch is distinct from $2 returning project_id as "projectId"',
      [repositoryId, branch],
    );
    if (!moved) return;
    tx.changed('repository', repositoryId);
    tx.changed('project', moved.projectId);
  });
}

/** Where the host names none that it has: one that is gone there is none any more, and ingesting chooses among those that are left. */
async function forgetDefaultBranch({ db }: BringOverDeps, repositoryId: string, there: Refs): Promise<void> {
  const [row] = await db.query<{ branch: string | null }>('select default_branch as branch from repositories where id = $1', [
    repositoryId,
  ]);
  if (!row?.branch || there.has(`refs/heads/${row.branch}`)) return;
  await db.query('update repositories set default_branch = null where id = $1 and default_branch = $2', [repositoryId, row.branch]);
}
