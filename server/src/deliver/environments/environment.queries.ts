import type { Observed, ObservedInstance } from '@slipway/protocol';
import type { Database } from '../../platform/database.js';
import { manyEach, oneEach } from '../../platform/graphql/batch.js';
import type { EnvironmentState, Limits, PlacedRelease } from './environment.js';

export type EnvironmentView = Limits & {
  id: string;
  projectId: string;
  name: string;
  state: EnvironmentState;
  agentId: string | null;
  agentName: string | null;
  agentConnected: boolean;
  port: number | null;
  limitsState: 'enforced' | 'not_enforced';
  givenVariables: Record<string, string>;
  generation: number;
  desired: PlacedRelease[];
  observed: Observed | null;
  releaseId: string | null;
  releaseSince: Date | null;
  warmReleaseId: string | null;
  warmUntil: Date | null;
};

const SELECT = `select e.id, e.project_id as "projectId", e.name, e.state, e.agent_id as "agentId", a.name as "agentName",
  coalesce(a.connected and a.revoked_at is null, false) as "agentConnected", e.port, e.cpu_cores as "cpuCores", e.memory_mib as "memoryMib",
  e.storage_mib as "storageMib", coalesce(e.observed->>'limits', a.sandbox->>'limits', 'not_enforced') as "limitsState", e.variables as "givenVariables",
  e.generation, e.desired, e.observed, e.current_release_id as "releaseId", e.current_since as "releaseSince", e.warm_release_id as "warmReleaseId",
  e.warm_until as "warmUntil" from environments e left join agents a on a.id = e.agent_id`;

/** Read models of environments; deleted ones are not shown. */
export class EnvironmentQueries {
  constructor(private readonly database: Database) {}

  async byIds(ids: readonly string[]): Promise<(EnvironmentView | null)[]> {
    const rows = await this.database.query<EnvironmentView>(`${SELECT} where e.id = any($1) and e.state <> 'deleted'`, [ids]);
    return oneEach(ids, rows, (row) => row.id);
  }

  async byId(id: string): Promise<EnvironmentView | null> {
    return (await this.byIds([id]))[0] ?? null;
  }

  /** Deleted ones too, for the history of deployments. */
  async evenDeleted(ids: readonly string[]): Promise<(EnvironmentView | null)[]> {
    return oneEach(ids, await this.database.query<EnvironmentView>(`${SELECT} where e.id = any($1)`, [ids]), (row) => row.id);
  }

  async byName(project: string, name: string): Promise<EnvironmentView | null> {
    const [row] = await this.database.query<EnvironmentView>(
      `${SELECT} where e.project_id = (select id from projects where name = $1) and e.name = $2 and e.state <> 'deleted'`,
      [project, name],
    );
    return row ?? null;
  }

  /** With the names of their projects. */
  all(): Promise<(EnvironmentView & { project: string })[]> {
    return this.database.query(
      `select p.name as project, e.* from (${SELECT} where e.state = 'active') e join projects p on p.id = e."projectId" order by e.id`,
    );
  }

  async ofProjects(projectIds: readonly string[]): Promise<EnvironmentView[][]> {
    const rows = await this.database.query<EnvironmentView>(
      `${SELECT} where e.project_id = any($1) and e.state <> 'deleted' order by e.created_at, e.id`,
      [projectIds],
    );
    return manyEach(projectIds, rows, (row) => row.projectId);
  }
}

export type InstanceView = Omit<ObservedInstance, 'limits'> & {
  ofRelease: string | null;
  serving: boolean;
  /** With which it runs on, where they are not the present ones. */
  earlierLimits: Limits | null;
};

/** What runs there, as the agent saw it last, with the release that each instance is of. */
export function instancesOf({
  observed,
  desired,
  ...environment
}: Pick<EnvironmentView, 'observed' | 'desired' | keyof Limits>): InstanceView[] {
  const releases = new Map(desired.map((placed) => [placed.releaseId, placed.ofRelease]));
  const routed = new Set(observed?.routed.filter((route) => route.weight > 0).map((route) => route.releaseId));
  return (observed?.instances ?? [])
    .filter((instance) => instance.state !== 'stopped')
    .map(({ limits, ...instance }) => ({
      ...instance,
      earlierLimits: limits && !sameLimits(limits, environment) ? limits : null,
      // Stored by older agents, which did not report it.
      recentRestarts: instance.recentRestarts ?? 0,
      ofRelease: releases.get(instance.releaseId) ?? null,
      serving: routed.has(instance.releaseId) && instance.state !== 'draining',
    }));
}

const sameLimits = (a: Limits, b: Limits): boolean =>
  a.cpuCores === b.cpuCores && a.memoryMib === b.memoryMib && a.storageMib === b.storageMib;
