import type { Role } from '../../people/access/actor.js';
import type { Tx } from '../../platform/database.js';
import { notFound } from '../../platform/errors.js';

export type BranchRepository = { id: string; projectId: string; kind: 'hosted' | 'external'; defaultBranch: string | null };

/** @throws DomainError */
export async function branchRepository(tx: Pick<Tx, 'query'>, id: string): Promise<BranchRepository> {
  const [row] = await tx.query<BranchRepository>(
    'select id, project_id as "projectId", kind, default_branch as "defaultBranch" from repositories where id = $1',
    [id],
  );
  if (!row) throw notFound('repository', id);
  return row;
}

/** Of a person in a repository's project; administrators of the installation count as admins of each. null: none. */
export async function roleIn(tx: Pick<Tx, 'query'>, repositoryId: string, userId: string): Promise<Role | null> {
  const [row] = await tx.query<{ role: Role | null }>(
    `select case when u.is_admin then 'admin' else m.role end as role from users u
     left join project_members m on m.user_id = u.id and m.project_id = (select project_id from repositories where id = $1)
     where u.id = $2`,
    [repositoryId, userId],
  );
  return row?.role ?? null;
}
