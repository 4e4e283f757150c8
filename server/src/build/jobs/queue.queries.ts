import type { Database } from '../../platform/database.js';
import { oneEach } from '../../platform/graphql/batch.js';
import type { Wants } from './queue-order.js';
import { queuePlaces } from './queue-places.js';
import { agentsAtWork, laneKeys, lanesOf, slotsInUse, TAKES_UNTRUSTED } from './queue-rows.js';
import { type AgentStanding, whyQueued } from './why-queued.js';

/** A job with more jobs than this ahead of it in its lane gets no place: counting further would cost more than it is worth. */
const MAX_COUNTED = 1_000;

export type QueueStanding = { reason: string; message: string };

/** What people see about jobs that wait for an agent. Each method takes many ids, to read the queue once. */
export class QueueQueries {
  constructor(private readonly database: Database) {}

  /** 1 is next; null for what does not stand in the queue, what no agent can serve, and what is too far behind to count. */
  async places(jobIds: readonly string[]): Promise<(number | null)[]> {
    const [keys, agents, inUse] = await Promise.all([laneKeys(this.database), agentsAtWork(this.database), slotsInUse(this.database)]);
    const lanes = await lanesOf(this.database, keys, MAX_COUNTED);
    const places = queuePlaces(lanes, agents, inUse, new Set(jobIds));
    return jobIds.map((id) => places.get(id) ?? null);
  }

  /** null for what does not stand in the queue. */
  async reasons(jobIds: readonly string[]): Promise<(QueueStanding | null)[]> {
    const jobs = await this.database.query<Wants & { id: string; message: string | null }>(
      `select id, kind, tags, trusted, pinned_agent_id as "pinnedAgentId", message from jobs where id = any($1) and state = 'queued'`,
      [jobIds],
    );
    if (jobs.length === 0) return jobIds.map(() => null);
    const agents = await this.agents();
    const reasons = jobs.map(({ id, message, ...wants }) => {
      const why = whyQueued(wants, agents);
      // The reason why it waits again, such as a lost agent, comes before what it waits for now.
      return { id, reason: why.reason, message: message ? `${message} ${why.message}` : why.message };
    });
    return oneEach(jobIds, reasons, ({ id }) => id);
  }

  private agents(): Promise<AgentStanding[]> {
    return this.database.query<AgentStanding>(
      `select a.id, a.name, a.roles, a.tags, a.slots, (a.slots - (select count(*) from attempts t where t.agent_id = a.id and t.state <> 'ended'))::int as free,
         a.connected, a.draining, ${TAKES_UNTRUSTED} as "takesUntrusted"
       from agents a where a.revoked_at is null order by a.name`,
    );
  }

  async length(): Promise<{ length: number; oldestQueuedAt: Date | null }> {
    const [row] = await this.database.query<{ length: number; oldestQueuedAt: Date | null }>(
      `select count(*)::int as length, min(queued_at) as "oldestQueuedAt" from jobs where state = 'queued'`,
    );
    return row ?? { length: 0, oldestQueuedAt: null };
  }
}
