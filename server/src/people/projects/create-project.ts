import type { Database, Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { setProjectRole } from '../access/project-role.js';
import { checkSlug } from './slug.js';

/** Creates a project; its creator administers it. */
export function createProject(database: Database, project: { name: string; ownerId: string }): Promise<string> {
  return database.transaction((tx) => createProjectIn(tx, project));
}

/** The same within a transaction of the caller. The answer is the project's id. */
export async function createProjectIn(tx: Tx, project: { name: string; ownerId: string }): Promise<string> {
  checkSlug('project', project.name);
  const id = newId();
  const rows = await tx.query('insert into projects (id, name, owner_id) values ($1, $2, $3) on conflict (name) do nothing returning id', [
    id,
    project.name,
    project.ownerId,
  ]);
  if (rows.length === 0)
    throw new DomainError('conflict', 'project_name_taken', `There is already a project "${project.name}". Choose another name.`);
  await setProjectRole(tx, { projectId: id, userId: project.ownerId, role: 'admin' });
  tx.changed('project', id);
  return id;
}
