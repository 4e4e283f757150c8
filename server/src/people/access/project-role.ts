import type { Tx } from '../../platform/database.js';
import type { Role } from './actor.js';

/** Gives a user a role in a project, or removes it with null; subscriptions to things there that the user may no longer see end at once. */
export async function setProjectRole(tx: Tx, change: { projectId: string; userId: string; role: Role | null }): Promise<void> {
  if (change.role === null) {
    await tx.query('delete from project_members where project_id = $1 and user_id = $2', [change.projectId, change.userId]);
  } else {
    await tx.query(
      `insert into project_members (project_id, user_id, role) values ($1, $2, $3)
       on conflict (project_id, user_id) do update set role = excluded.role`,
      [change.projectId, change.userId, change.role],
    );
  }
  tx.changed('user', change.userId);
}
