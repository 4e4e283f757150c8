import { DomainError } from '../../platform/errors.js';
import { jsonb } from '../../platform/storable.js';
import { refOfBranch } from './branch-name.js';
import { branchRepository } from './branch-repository.js';
import type { BranchDeps } from './create-branch.js';
import { mustResolve } from './revision.js';

export type SetDefaultBranch = (repositoryId: string, name: string, userId: string) => Promise<void>;

/** The row decides; if the server dies before the folder follows, the next start repairs it from the row. */
export function setDefaultBranchWith({ db, store }: Pick<BranchDeps, 'db' | 'store'>): SetDefaultBranch {
  return async (repositoryId, name, userId) => {
    const repository = await branchRepository(db, repositoryId);
    if (repository.kind === 'external') throw decidedAtHost();
    await mustResolve(store.folder(repositoryId), [refOfBranch(name)]);
    await db.transaction(async (tx) => {
      await tx.query('update repositories set default_branch = $2 where id = $1', [repositoryId, name]);
      await tx.query(
        `insert into history (thing, thing_id, event, by_user, details) values ('repository', $1, 'default_branch_set', $2, $3)`,
        [repositoryId, userId, jsonb({ from: repository.defaultBranch, to: name })],
      );
      tx.changed('repository', repositoryId);
      tx.changed('project', repository.projectId);
    });
    await store.setHead(repositoryId, name);
  };
}

const decidedAtHost = () =>
  new DomainError(
    'conflict',
    'external_repository',
    'The code host decides the default branch of this repository. Change it there; Slipway takes it over at the next fetch.',
  );
