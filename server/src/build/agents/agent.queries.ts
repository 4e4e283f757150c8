import { type JobKind } from '@slipway/protocol';
import type { Database } from '../../platform/database.js';
import { oneEach } from '../../platform/graphql/batch.js';
import type { GraphContext } from '../../platform/http/context.js';
export type AgentView = {
  id: string;
  name: string;
  roles: JobKind[];
  tags: string[];
  slots: number;
  slotsInUse: number;
  connected: boolean;
  draining: boolean;
  version: string | null;
  hostname: string | null;
  platform: string | null;
  lastSeenAt: Date | null;
  sandbox: unknown;
  load: unknown;
};

const SELECT = `select a.id, a.name, a.roles, a.tags, a.slots, (select count(*)::int from attempts t where t.agent_id = a.id and t.state <> 'ended') as "slotsInUse",
    a.connected, a.draining, a.version, a.hostname, a.platform, a.last_seen_at as "lastSeenAt", a.sandbox, a.load
  from agents a`;

/** Read models of agents. */
export class AgentQueries {
  constructor(private readonly database: Database) {}

  /** Those that may work here, by name. */
  all(): Promise<AgentView[]> {
    return this.database.query<AgentView>(`${SELECT} where a.revoked_at is null order by a.name`);
  }

  async byIds(ids: readonly string[]): Promise<(AgentView | null)[]> {
    return oneEach(ids, await this.database.query<AgentView>(`${SELECT} where a.id = any($1)`, [ids]), (row) => row.id);
  }

  async load(context: GraphContext, id: string | null): Promise<AgentView | null> {
    return id === null ? null : context.loader('agent', (ids: readonly string[]) => this.byIds(ids)).load(id);
  }
}
