import type { Tx } from '../../platform/database.js';

/** The agent came or went: notifies everybody who watches it, or what lives on it. If an agent is gone, the health of its environments is unknown. */
export async function agentPresenceChanged(tx: Tx, agentId: string): Promise<void> {
  tx.changed('agent', agentId);
  const homes = await tx.query<{ id: string; projectId: string }>(
    `select id, project_id as "projectId" from environments where agent_id = $1 and state <> 'deleted'`,
    [agentId],
  );
  for (const { id } of homes) tx.changed('environment', id);
  for (const projectId of new Set(homes.map((home) => home.projectId))) tx.changed('project', projectId);
}
