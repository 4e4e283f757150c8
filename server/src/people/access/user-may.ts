import type { Tx } from '../../platform/database.js';
import type { Permission, Role } from './actor.js';
import { roleAllows } from './role.js';

/** Whether a person may do something in a project, for work that is done in their name long after they asked. */
export async function userMay(tx: Pick<Tx, 'query'>, userId: string, permission: Permission, projectId: string): Promise<boolean> {
  const [user] = await tx.query<{ isAdmin: boolean; role: Role | null }>(
    `select u.is_admin as "isAdmin", m.role from users u left join project_members m on m.user_id = u.id and m.project_id = $2 where u.id = $1`,
    [userId, projectId],
  );
  if (!user) return false;
  return user.isAdmin || (user.role !== null && roleAllows(user.role, permission));
}
