import { checkSlug } from '../../people/projects/slug.js';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { RepositoryStore } from './repository-store.js';

/** @returns the id of the new repository */
export type CreateRepository = (project: string, name: string, userId: string) => Promise<string>;

/**
 * The folder is made before the row, so that a repository that can be seen can be pushed to. A death in between leaves
 * an empty folder under an id that nothing names.
 */
export function createRepositoryWith({ db, store }: { db: Database; store: RepositoryStore }): CreateRepository {
  return async (project, name, userId) => {
    checkSlug('repository', name);
    const id = newId();
    await store.init(id);
    try {
      await db.transaction((tx) => insertRepository(tx, { id, project, name, userId }));
    } catch (error) {
      await store.remove(id);
      throw error;
    }
    return id;
  };
}

async function insertRepository(
  tx: Tx,
  { id, project, name, userId }: { id: string; project: string; name: string; userId: string },
): Promise<void> {
  const [found] = await tx.query<{ id: string }>('select id from projects where id::text = $1 or name = $1', [project]);
  if (!found) throw notFound('project', project);
  const [made] = await tx.query<{ id: string }>(
    'insert into repositories (id, project_id, name) values ($1, $2, $3) on conflict (project_id, name) do nothing returning id',
    [id, found.id, name],
  );
  if (!made)
    throw new DomainError(
      'conflict',
      'repository_exists',
      `The project already has a repository "${name}". Choose another name, or push to that one.`,
    );
  await tx.query(`insert into history (thing, thing_id, event, by_user) values ('repository', $1, 'created', $2)`, [id, userId]);
  tx.changed('project', found.id);
}
