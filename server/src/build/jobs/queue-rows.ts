import type { Tx } from '../../platform/database.js';
import type { FreeAgent } from './match-jobs.js';
import type { Lane, QueuedJob, Wants } from './queue-order.js';

/** As the index `jobs_lanes` has it, which is what makes the lanes cheap to walk. */
const LANE = 'job_lane(project_id, kind, tags, pinned_agent_id, lost_by, trusted)';

/** By what agent `a` says of itself; who says nothing holds nobody in. */
export const TAKES_UNTRUSTED = `coalesce(a.sandbox->>'untrusted' = 'true', false)`;

export type LaneKey = Wants & { key: string; projectId: string; lostBy: string[] };

/** Every lane that has a job, without its jobs: one step in an index a lane, however many jobs wait. */
export function laneKeys(database: Pick<Tx, 'query'>): Promise<LaneKey[]> {
  const first = `select ${LANE} as key, project_id, kind, tags, pinned_agent_id, lost_by, trusted from jobs where state = 'queued'`;
  return database.query<LaneKey>(
    `with recursive lanes as (
       (${first} order by ${LANE} limit 1)
       union all
       select next.* from lanes cross join lateral (${first} and ${LANE} > lanes.key order by ${LANE} limit 1) next)
     select encode(key, 'hex') as key, project_id as "projectId", kind, tags, pinned_agent_id as "pinnedAgentId", lost_by as "lostBy", trusted from lanes`,
  );
}

/** @param most jobs of each lane that are read, first in line first */
export async function lanesOf(database: Pick<Tx, 'query'>, keys: readonly LaneKey[], most: number): Promise<Lane[]> {
  const rows = await database.query<QueuedJob & { key: string }>(
    `select encode(lane, 'hex') as key, j.id, j.priority, j.queued_at as "queuedAt"
     from unnest($1::text[]) given cross join lateral decode(given, 'hex') lane cross join lateral (
       select id, priority, queued_at from jobs where state = 'queued' and ${LANE} = lane order by priority desc, queued_at, id limit $2) j`,
    [keys.map(({ key }) => key), most],
  );
  const jobs = Map.groupBy(rows, ({ key }) => key);
  // If the last job of a lane was cancelled between the two reads, the lane no longer exists.
  return keys.flatMap(({ key, ...lane }) => (jobs.has(key) ? [{ ...lane, jobs: jobs.get(key) ?? [] }] : []));
}

/** Those that are given work: connected, and not draining. */
export function agentsAtWork(database: Pick<Tx, 'query'>): Promise<FreeAgent[]> {
  return database.query<FreeAgent>(
    `select a.id, a.roles, a.tags, (a.slots - count(t.id))::int as free, ${TAKES_UNTRUSTED} as "takesUntrusted"
     from agents a left join attempts t on t.agent_id = a.id and t.state <> 'ended'
     where a.connected and not a.draining and a.revoked_at is null group by a.id`,
  );
}

/** By project id. */
export async function slotsInUse(database: Pick<Tx, 'query'>): Promise<Map<string, number>> {
  const rows = await database.query<{ projectId: string; used: number }>(
    `select project_id as "projectId", count(*)::int as used from jobs where state in ('assigned', 'running', 'cancelling') group by 1`,
  );
  return new Map(rows.map((row) => [row.projectId, row.used]));
}
