import type { Tx } from '../../platform/database.js';

/** It came or went: whoever looks at it, or at what lives on it, is told. An agent that is gone makes the health of its environments unknown. */
export async function agentPresenceChanged(tx: Tx, agentId: string): Promise<void> {
  tx.changed('agent', agentId);
  const homes = await tx.query<{ id: string; projectId: string }>(
    `select id, project_id as "projectId" from environments where agent_id = $1 and state <> 'deleted'`,
    [agentId],
  );
  for (const { id } of homes) tx.changed('environment', id);
  for (const projectId of new Set(homes.map((home) => home.projectId))) tx.changed('project', projectId);
}
